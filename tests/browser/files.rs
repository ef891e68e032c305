//! Files as tabs: one text for everybody else, parted by `---` and a comment with the name.

use fantoccini::key::Key;

use super::{
    axe,
    playground::{ROUTES, paste},
    walk,
    window::{Browser, Settings},
};

/// Two files, the second one with a fault at a line that a test can name.
const TWO: &str = "# file: routes.yaml
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: default}
spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
---
# file: faulty.yaml
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: default}
spec: {hosts: [ratings], http: [{route: [{destination: {hots: ratings}}]}]}
";

async fn yaml_is(browser: &Browser, yaml: &str) {
    browser.until_script("document.querySelector('textarea[name=yaml]').value === arguments[0]", vec![yaml.into()]).await;
}

/// Waits until the editor shows just these lines.
async fn shown(browser: &Browser, lines: &str) {
    let told = "[...document.querySelector('.editor').shadowRoot.querySelectorAll('.cm-line')].map(line => line.textContent).join('\\n') === arguments[0]";
    browser.until_script(told, vec![lines.into()]).await;
}

async fn tabs_are(browser: &Browser, names: &str, current: &str) {
    let told = "[...document.querySelectorAll('.file')].map(tab => tab.textContent).join() === arguments[0]
        && document.querySelector('.file[aria-current]').textContent === arguments[1]";
    browser.until_script(told, vec![names.into(), current.into()]).await;
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

#[tokio::test]
async fn a_file_is_added_named_and_closed_and_each_can_be_undone() {
    walk("files-edit", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, ROUTES).await;
        tabs_are(&browser, "main.yaml", "main.yaml").await;
        browser.click("[data-file-add]").await;
        tabs_are(&browser, "main.yaml,file.yaml", "file.yaml").await;
        shown(&browser, "").await;
        // Nothing that hands do here reaches into the other file.
        browser.type_keys(&format!("a: 1{}{}", key(Key::Enter), key(Key::Home))).await;
        browser.chord(Key::Control, char::from(Key::Home)).await;
        browser.type_keys(&key(Key::Backspace)).await;
        let added = format!("# file: main.yaml\n{ROUTES}---\n# file: file.yaml\na: 1\n");
        yaml_is(&browser, &added).await;
        shown(&browser, "a: 1\n").await;

        browser.click("[data-file-rename]").await;
        browser.wait(".file-name").await;
        browser.type_keys(&format!("b <i>.yaml{}", key(Key::Enter))).await;
        tabs_are(&browser, "main.yaml,b <i>.yaml", "b <i>.yaml").await;
        let renamed = added.replace("file: file.yaml", "file: b <i>.yaml");
        yaml_is(&browser, &renamed).await;
        browser.picture("files-tabs").await;
        axe::finds_nothing_serious(&browser).await;

        browser.click("[data-file-close]").await;
        tabs_are(&browser, "main.yaml", "main.yaml").await;
        yaml_is(&browser, &format!("# file: main.yaml\n{ROUTES}")).await;
        browser.chord(Key::Control, 'z').await;
        yaml_is(&browser, &renamed).await;
        browser.chord(Key::Control, 'z').await;
        yaml_is(&browser, &added).await;
    })
    .await;
}

#[tokio::test]
async fn findings_name_the_file_and_the_line_in_it() {
    walk("files-findings", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, TWO).await;
        tabs_are(&browser, "routes.yaml,faulty.yaml", "faulty.yaml").await;
        browser.click(".file").await;
        tabs_are(&browser, "routes.yaml,faulty.yaml", "routes.yaml").await;
        browser.click(".request-send").await;
        browser.wait_text("#findings a.place", "faulty.yaml 4:").await;
        browser.script("[...document.querySelectorAll('#findings a.place')].find(link => link.textContent.startsWith('faulty')).click()", Vec::new()).await;
        tabs_are(&browser, "routes.yaml,faulty.yaml", "faulty.yaml").await;
        browser.wait_text("[data-editor-status]", "faulty.yaml · Line 4").await;
        browser.picture("files-findings").await;
        // All of this file is all that is seen.
        paste_here(&browser, "b: 2\n").await;
        yaml_is(&browser, &format!("{}---\n# file: faulty.yaml\nb: 2\n", &TWO[..TWO.find("---").unwrap()])).await;
    })
    .await;
}

/// As [`paste`], into the file that is seen.
async fn paste_here(browser: &Browser, text: &str) {
    browser.chord(Key::Control, 'a').await;
    let script = "const content = document.querySelector('.editor').shadowRoot.querySelector('.cm-content');
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', arguments[0]);
        content.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));";
    browser.script(script, vec![text.into()]).await;
}

#[tokio::test]
async fn files_are_dropped_kept_and_shared() {
    walk("files-drop", Settings::DESK, async |browser: Browser| {
        browser.goto("/playground").await;
        paste(&browser, "a: 1\n").await;
        let drop = "const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(['b: 2'], 'b.yaml'));
            dataTransfer.items.add(new File([new Uint8Array([0xff, 0xfe, 0])], 'picture.png'));
            dataTransfer.items.add(new File(['x'.repeat(600 * 1024)], 'large.yaml'));
            const host = document.querySelector('.editor');
            host.dispatchEvent(new DragEvent('dragover', {dataTransfer, bubbles: true, cancelable: true}));
            host.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));";
        browser.script(drop, Vec::new()).await;
        tabs_are(&browser, "main.yaml,b.yaml", "b.yaml").await;
        let both = "# file: main.yaml\na: 1\n---\n# file: b.yaml\nb: 2\n";
        yaml_is(&browser, both).await;
        let told = browser.wait_text("[data-status]", "Not taken").await;
        assert!(told.contains("picture.png: it is no text") && told.contains("large.yaml: it is larger than 512 KB"), "{told}");

        browser.click("[data-share-menu] > summary").await;
        browser.click("[data-share]").await;
        browser.wait_place("#s=").await;
        let link = browser.place().await;
        // The file that was seen is seen again.
        browser.goto("/playground").await;
        tabs_are(&browser, "main.yaml,b.yaml", "b.yaml").await;
        // Somebody else: nothing of the first visit is left in the browser.
        browser.goto("/about").await;
        browser.script("localStorage.clear(); sessionStorage.clear()", Vec::new()).await;
        browser.goto(&link).await;
        tabs_are(&browser, "main.yaml,b.yaml", "main.yaml").await;
        yaml_is(&browser, both).await;
    })
    .await;
}

#[tokio::test]
async fn tabs_fit_a_telephone() {
    walk("files-phone", Settings::PHONE, async |browser: Browser| {
        browser.goto("/playground").await;
        browser.script("document.querySelector('.views [value=yaml]').click()", Vec::new()).await;
        paste(&browser, TWO).await;
        for _ in 0..4 {
            browser.click("[data-file-add]").await;
        }
        tabs_are(&browser, "routes.yaml,faulty.yaml,file.yaml,file-2.yaml,file-3.yaml,file-4.yaml", "file-4.yaml").await;
        let over = browser.overflow().await;
        assert!(over <= 0, "{over} pixels too wide: {:?}", browser.widest().await);
        axe::finds_nothing_serious(&browser).await;
        browser.picture("files-phone").await;
    })
    .await;
}
