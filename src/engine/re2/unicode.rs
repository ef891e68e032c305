//! Classes by Unicode's properties: general categories and scripts (those of Unicode 15, by their names in full).

use super::{
    Fault,
    escape::{ANYTHING, NOTHING},
};

/// Categories that both dialects have alike.
const CATEGORIES: &str = "Cc Cf Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs";

/// Scripts.
const SCRIPTS: &str = "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese \
    Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic \
    Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek \
    Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi \
    Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha \
    Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek \
    Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue \
    Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian \
    Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang \
    Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog \
    Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho \
    Warang_Citi Yezidi Yi Zanabazar_Square";

/// Reads `\pL`, `\p{Greek}` or `\P{^Greek}` at the start of a text, and returns what is left of it.
pub(super) fn read(text: &str) -> Result<(String, &str), Fault> {
    let behind = &text[2..];
    let end = if behind.starts_with('{') { behind.find('}').map(|at| at + 1) } else { behind.chars().next().map(char::len_utf8) };
    let Some(end) = end else { return Err(Fault::UnknownClass(text.to_owned())) };
    let (written, rest) = behind.split_at(end);
    let name = written.strip_prefix('{').and_then(|inside| inside.strip_suffix('}')).unwrap_or(written);
    let (is_turned, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let class = class(name).ok_or_else(|| Fault::UnknownClass(text[..2 + end].to_owned()))?;
    let is_negated = text.starts_with("\\P") != is_turned;
    Ok((format!("[{}{class}]", if is_negated { "^" } else { "" }), rest))
}

fn class(name: &str) -> Option<String> {
    match name {
        "Any" => Some(ANYTHING.into()),
        // Halves of a pair, which no text holds.
        "Cs" => Some(NOTHING.into()),
        // RE2 leaves out what has not been assigned.
        "C" => Some("\\p{Cc}\\p{Cf}\\p{Co}".into()),
        _ if is_among(name, CATEGORIES) => Some(format!("\\p{{gc={name}}}")),
        _ => is_among(name, SCRIPTS).then(|| format!("\\p{{sc={name}}}")),
    }
}

fn is_among(name: &str, list: &str) -> bool {
    !name.is_empty() && list.split(' ').any(|known| known == name)
}
