//! What opens a door is seen by nobody whom it is not for.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::crm::{CRM_SESSION, Step, answer, json as whole};
use super::house::{CRM_SECRET, House, PERSON, contact, contacts, record};
use super::process::Process;

#[tokio::test(flavor = "multi_thread")]
async fn credentials_and_values_stay_where_they_belong_at_the_loudest_log() {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    let mut told = String::new();
    let mut sent = Vec::new();
    let echo = format!(
        "HTTP/1.1 200 OK\r\nAuthorization: Bearer {CRM_SESSION}\r\nX-Sid: {CRM_SESSION}\r\n\
         Set-Cookie: sid={CRM_SESSION}\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n\
         <a>{CRM_SESSION}</a>"
    );
    let answers: Vec<Vec<Step>> = vec![
        whole(200, &record(&token)),
        vec![Step::Write(echo.into_bytes()), Step::Cut],
        whole(
            401,
            "[{\"errorCode\":\"INVALID_SESSION_ID\",\"message\":\"x\"}]",
        ),
        vec![Step::Cut],
        answer(500, &format!("X-Sid: {CRM_SESSION}\r\n"), b""),
        whole(200, &record(&token)),
    ];
    for steps in answers {
        crm.does(move |_| steps.clone());
        for request in [
            house.get(&contact()),
            house.post(&contacts(), &json!({"LastName": PERSON})),
            house.post(
                &contacts(),
                &json!({"LastName": PERSON, "Unknown__c": PERSON}),
            ),
            house.get(&format!("{}?x={PERSON}", contact())),
            house.get("/services/oauth2/userinfo"),
            house
                .get(&contact())
                .header("cookie", format!("sid={}", house.token)),
            house
                .get(&contact())
                .bearer_auth(format!("{}x", house.token)),
            house
                .get(&contact())
                .header("x-custom", house.token.as_str()),
        ] {
            let got = request.send().await.unwrap();
            told.push_str(&format!("{:?}", got.headers()));
            let text = got.text().await.unwrap();
            told.push_str(&text);
        }
        sent.extend(crm.take());
    }
    told.push_str(&house.status("/metrics").await.1);
    told.push_str(&house.status("/readyz").await.1);
    for secret in [CRM_SESSION, CRM_SECRET, &house.token] {
        assert!(!told.contains(secret), "an answer has {secret}");
        assert!(!border.log().contains(secret), "the log has {secret}");
    }
    assert!(!border.log().contains(PERSON), "the log has a value");
    let (_, metrics) = house.status("/metrics").await;
    assert!(
        !metrics.contains(PERSON) && !metrics.contains("003000000000001"),
        "{metrics}"
    );
    assert!(sent.len() > 12, "the controls reached the CRM");
    let mut sessions = 0;
    for request in sent {
        let whole = format!("{}{}", request.head, String::from_utf8_lossy(&request.body));
        assert!(
            !whole.contains(&house.token),
            "the client's token reached the CRM"
        );
        assert!(
            !whole.contains(PERSON),
            "a value reached the CRM: {}",
            request.target
        );
        assert_eq!(whole.contains(CRM_SECRET), request.is_sign_in());
        sessions += usize::from(whole.contains(CRM_SESSION));
    }
    assert!(sessions > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_holds_keys_leaves_no_core_dump_and_its_folder_is_its_owners() {
    let (house, _crm) = House::with_crm().await;
    let process = Process::serve(&house).await;
    assert_eq!(process.core_limit(), "0 0");
    let data = house.settings().data;
    let mode = std::fs::metadata(data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
