fn main() {
    let a: Vec<String> = std::env::args().collect();
    let doc = |t: &str| {
        openapi_compat::Document::new(serde_json::json!({"openapi":"3.1.0","components":{"schemas": serde_json::from_str::<serde_json::Value>(t).unwrap()}})).unwrap()
    };
    for f in openapi_compat::diff(&doc(&a[1]), &doc(&a[2])) {
        println!("{f} [{}]", f.rule.id);
    }
}
