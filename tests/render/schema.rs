//! The official schema of SARIF 2.1.0.

/// A validator by it.
pub fn sarif() -> jsonschema::Validator {
    let mut schema: serde_json::Value =
        serde_json::from_str(include_str!("sarif-schema-2.1.0.json")).unwrap();
    // The only change to the schema of OASIS: these patterns (of members that we do not write) have a stray `]`.
    for definition in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][definition]["properties"]["language"];
        assert!(
            language
                .as_object_mut()
                .unwrap()
                .remove("pattern")
                .is_some()
        );
    }
    jsonschema::validator_for(&schema).unwrap()
}
