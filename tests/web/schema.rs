//! As much of JSON Schema as the API's description uses, to hold answers against it.

use serde_json::Value;

/// Fails where an answer is not as the OpenAPI document says.
pub fn assert_described(document: &Value, method: &str, path: &str, status: u16, media_type: &str, body: &Value) {
    let responses = &document["paths"][path][method]["responses"];
    let range = format!("{}XX", status / 100);
    let response = responses
        .get(status.to_string())
        .or_else(|| responses.get(&range))
        .unwrap_or_else(|| panic!("{method} {path} answers {status}, which is not described"));
    let media_type = media_type.split(';').next().unwrap_or_default();
    let schema = &response["content"][media_type]["schema"];
    assert!(schema.is_object(), "{method} {path} answers {status} as {media_type}, which is not described: {response}");
    let mut faults = Vec::new();
    check(document, schema, body, "$", &mut faults);
    assert!(faults.is_empty(), "{method} {path} {status}:\n{}", faults.join("\n"));
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else {
        assert!(schema.is_boolean(), "{at}: {schema} is no schema");
        return;
    };
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                check(document, document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere")), value, at, faults);
            }
            "type" => {
                let wanted: Vec<&str> = rule.as_array().map_or_else(|| vec![rule.as_str().unwrap()], |all| all.iter().map(|t| t.as_str().unwrap()).collect());
                if !wanted.iter().any(|wanted| has_type(value, wanted)) {
                    faults.push(format!("{at}: wanted {wanted:?}, found {value}"));
                }
            }
            "required" => {
                for name in rule.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).filter(|name| value.get(name).is_none()) {
                    faults.push(format!("{at}: {name} is missing"));
                }
            }
            "properties" => {
                for (name, inner) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        check(document, inner, value, &format!("{at}.{name}"), faults);
                    }
                }
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, rule, item, &format!("{at}[{n}]"), faults);
                }
            }
            "allOf" => rule.as_array().unwrap().iter().for_each(|inner| check(document, inner, value, at, faults)),
            "oneOf" | "anyOf" => {
                let fits = rule.as_array().unwrap().iter().filter(|inner| {
                    let mut faults = Vec::new();
                    check(document, inner, value, at, &mut faults);
                    faults.is_empty()
                });
                if fits.count() == 0 {
                    faults.push(format!("{at}: fits none of {rule}"));
                }
            }
            "minimum" => {
                if value.as_f64().is_some_and(|number| number < rule.as_f64().unwrap()) {
                    faults.push(format!("{at}: {value} is below {rule}"));
                }
            }
            "additionalProperties" | "description" | "format" | "propertyNames" | "default" => {}
            other => panic!("{at}: the keyword {other} is not known here; teach it"),
        }
    }
}

fn has_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    }
}
