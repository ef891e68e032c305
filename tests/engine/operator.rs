//! The mesh's settings from an IstioOperator: what `istioctl install` of 1.26.4 would write into the ConfigMap `istio`.

use meshwright::engine::{diagnostic::Stage, manifest, mesh::Scene, source::SourceFile, validate::Verdict};

fn scene(text: &str) -> Scene {
    Scene::new(&manifest::read(&SourceFile::new("none", "")), "input", text)
}

fn file(spec: &str) -> String {
    format!("---\napiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n{spec}")
}

/// Path, line and words of each note.
fn notes(scene: &Scene) -> Vec<(String, usize, String)> {
    let said = scene.findings().into_iter().filter(|note| note.stage == Stage::Simulation);
    said.map(|note| (note.path.clone(), note.position().line, note.message.clone())).collect()
}

#[test]
fn mesh_config_of_the_file_is_that_of_the_mesh_though_the_file_is_no_object() {
    let scene = scene(&file("  meshConfig:\n    access_log_file: /dev/stdout\n    outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n"));
    let settings = &scene.cluster.mesh_config;
    assert_eq!((settings.access_log_file.as_str(), settings.is_registry_only()), ("/dev/stdout", true));
    assert!(scene.is_refused(), "no cluster takes the file");
    let said = notes(&scene);
    assert!(matches!(&said[..], [(path, 3, words)] if path.is_empty() && words.contains("the mesh has the settings of this file")), "{said:?}");
}

#[test]
fn what_is_not_computed_is_said_at_its_place() {
    let scene = scene(&file(
        "  meshConfig:\n    enableTracing: true\n    proxyHttpPort: 15080\n    unknown: 1\n  components:\n    cni: {enabled: true}\n  values: {pilot: {env: {A: b}}}\n",
    ));
    let said = notes(&scene);
    let said: Vec<(&str, usize)> = said.iter().map(|(path, line, _)| (path.as_str(), *line)).collect();
    assert_eq!(said, [("", 3), ("spec.meshConfig.proxyHttpPort", 7), ("spec.components", 9), ("spec.values", 11)]);
}

/// `manifests/helm-profiles/demo.yaml`; a list that is written takes the place of the profile's (`zzz_profile.yaml` of the charts).
#[test]
fn what_a_profile_sets_lies_beneath() {
    let of = |spec: &str| scene(&file(spec)).cluster.mesh_config;
    let demo = of("  profile: demo\n");
    assert_eq!(demo.access_log_file, "/dev/stdout");
    assert!(demo.provider("otel").is_some_and(|provider| provider.writes_access_logs()));
    let own = of("  profile: demo\n  meshConfig: {accessLogFile: '', extensionProviders: [{name: own, envoyFileAccessLog: {path: /dev/stderr}}]}\n");
    assert!(own.access_log_file.is_empty() && own.provider("own").is_some() && own.provider("otel").is_none());
    assert!(of("  profile: default\n").access_log_file.is_empty());
    assert_eq!(of("  values: {profile: demo}\n").access_log_file, "/dev/stdout");
    assert_eq!(of("  profile: ambient\n").default_config.proxy_metadata["ISTIO_META_ENABLE_HBONE"], "true");
}

/// `MergeInputs` in `operator/pkg/render/manifest.go`: files from left to right, then `values.meshConfig` over `meshConfig`.
#[test]
fn later_files_and_values_lie_above() {
    let two = file(
        "  meshConfig: {accessLogFile: /a, trustDomain: one, ingressClass: x}\n  values: {meshConfig: {trustDomain: two}, global: {istioNamespace: mesh}}\n",
    ) + &file("  meshConfig: {accessLogFile: /b, trustDomain: three}\n");
    let settings = scene(&two).cluster.mesh_config;
    assert_eq!((settings.access_log_file.as_str(), settings.trust_domain.as_deref(), settings.ingress_class.as_deref()), ("/b", Some("two"), Some("x")));
    assert_eq!(settings.root_namespace.as_deref(), Some("mesh"), "`templates/configmap.yaml` of istio-discovery");
}

#[test]
fn settings_that_are_not_installed_have_no_effect() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'accessLogFile: /map'}\n";
    let settings = "  meshConfig: {accessLogFile: /operator}\n";
    for (text, file, why) in [
        (map.to_owned() + &file(settings), "/map", "the ConfigMap istio in istio-system holds"),
        (file(&format!("  hub: 5\n{settings}")), "", "refuses this file for its errors"),
        (file(&format!("  profile: empty\n{settings}")), "", "these files install no istiod"),
        (file(&format!("  components: {{pilot: {{enabled: false}}}}\n{settings}")), "", "these files install no istiod"),
    ] {
        let scene = scene(&text);
        assert_eq!(scene.cluster.mesh_config.access_log_file, file);
        let said = notes(&scene);
        assert!(matches!(&said[..], [(path, _, words)] if path == "spec.meshConfig" && words.contains(why)), "{said:?}");
    }
    let said = notes(&scene(&file("  profile: demo\n  hub: 5\n")));
    assert!(matches!(&said[..], [(path, 3, words)] if path.is_empty() && words.contains("refuses this file")), "{said:?}");
    let enabled = file(&format!("  profile: empty\n  components: {{pilot: {{enabled: true}}}}\n{settings}"));
    assert_eq!(scene(&enabled).cluster.mesh_config.access_log_file, "/operator");
}

#[test]
fn the_rest_of_the_text_is_what_it_is_without_the_file() {
    let rest = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec: {host: a}\n";
    let scene = scene(&(rest.to_owned() + &file("  profile: demo\n")));
    assert_eq!(scene.cluster.written().len(), 1);
    assert_eq!(scene.verdicts.iter().map(Verdict::is_accepted).collect::<Vec<_>>(), [true, false]);
}
