//! Home, table of contents, chapters, about.

use super::support::TestApp;

#[tokio::test]
async fn home_names_exam_and_version_from_the_manifest() {
    let app = TestApp::new().await;
    let page = app.get("/").await;
    page.assert_ok();
    let exam = &app.state.course.exam;
    assert!(page.text().contains(&exam.name));
    assert!(page.text().contains(&format!("Istio {}", exam.istio_version)));
}
