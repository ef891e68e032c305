//! Matchers on what filters leave for those behind them: dynamic metadata, such as the claims of a token.

message! {
    /// `type.matcher.v3.MetadataMatcher`.
    MetadataMatcher { filter: String, path: Vec<PathSegment>, value: Option<ValueMatcher>, invert: bool }
    /// `type.matcher.v3.MetadataMatcher.PathSegment`.
    PathSegment { key: String }
    /// `type.matcher.v3.ValueMatcher`: one of its fields.
    ValueMatcher {
        string_match: Option<super::StringMatcher>,
        bool_match: Option<bool>,
        present_match: Option<bool>,
        list_match: Option<ListMatcher>,
        or_match: Option<OrMatcher>,
    }
    /// `type.matcher.v3.ListMatcher`: one of the elements.
    ListMatcher { one_of: Option<Box<ValueMatcher>> }
    /// `type.matcher.v3.OrMatcher`.
    OrMatcher { value_matchers: Vec<ValueMatcher> }
}

impl ValueMatcher {
    /// The value is such a text.
    pub fn text(matcher: super::StringMatcher) -> Self {
        Self { string_match: Some(matcher), ..Self::default() }
    }

    /// One element of the list fits.
    pub fn element(matcher: Self) -> Self {
        Self { list_match: Some(ListMatcher { one_of: Some(Box::new(matcher)) }), ..Self::default() }
    }

    /// One of several fits.
    pub fn any(value_matchers: Vec<Self>) -> Self {
        Self { or_match: Some(OrMatcher { value_matchers }), ..Self::default() }
    }
}

impl MetadataMatcher {
    /// The value at a path of keys.
    pub fn new<'a>(filter: &str, path: impl IntoIterator<Item = &'a str>, value: ValueMatcher) -> Self {
        let path = path.into_iter().map(|key| PathSegment { key: key.to_owned() }).collect();
        Self { filter: filter.to_owned(), path, value: Some(value), invert: false }
    }
}
