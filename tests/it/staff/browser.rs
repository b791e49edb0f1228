//! What a browser does, as far as a border can see it: cookies, `Origin`, `Sec-Fetch-*`, and the token
//! of our forms.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// What browsers say where they show the answer as a page of its own.
pub const SHOWN: [(&str, &str); 2] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];
/// What they say where a script gets it.
pub const SCRIPT: [(&str, &str); 2] = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];

fn fielded(request: reqwest::RequestBuilder, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let mut request = request;
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request
}

pub struct Browser {
    client: reqwest::Client,
    border: String,
    /// The value of the session's cookie.
    pub cookie: Option<String>,
    /// Fields that a script or an extension adds.
    pub extra: Vec<(&'static str, String)>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Browser {
    pub fn new(client: reqwest::Client, border: &str) -> Self {
        Self {
            client,
            border: border.to_owned(),
            cookie: None,
            extra: Vec::new(),
        }
    }

    /// Where it is.
    pub fn origin(&self) -> &str {
        &self.border
    }

    /// Another browser with the same cookie.
    pub fn twin(&self) -> Self {
        Self {
            client: self.client.clone(),
            border: self.border.clone(),
            cookie: self.cookie.clone(),
            extra: Vec::new(),
        }
    }

    /// A twin that adds the same fields.
    pub fn twin_with_extra(&self) -> Self {
        Self {
            extra: self.extra.clone(),
            ..self.twin()
        }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.extra.push((name, value.to_owned()));
        self
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.get_as(path, &SHOWN).await
    }

    /// What a script asks for.
    pub async fn fetch(&mut self, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.border));
        let request = fielded(request, &SCRIPT);
        self.send(request.header("accept", "application/json"))
            .await
    }

    /// Asks for a page with the fields that say for what.
    pub async fn get_as(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.client.get(format!("{}{path}", self.border));
        self.send(fielded(request.header("accept", HTML), fields))
            .await
    }

    /// What our pages give a browser with this cookie for their forms; empty without a cookie.
    pub async fn token(&self) -> String {
        let mut twin = self.twin();
        let mut page = twin.get("/.sluis/sign-in").await;
        if page.status == 303 {
            page = twin.get("/.sluis/step-up").await;
        }
        let field = page.body.split("name=\"token\" value=\"").nth(1);
        let token = field.and_then(|rest| rest.split('"').next());
        token.unwrap_or_default().to_owned()
    }

    /// Sends a form of one of our own pages.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let (origin, token) = (self.border.clone(), self.token().await);
        let mut form = form.to_vec();
        if !token.is_empty() {
            form.push(("token", &token));
        }
        let from = [
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.post_from(path, &form, &[&from[..], &SHOWN[..]].concat())
            .await
    }

    /// Sends a form with the fields that say where it comes from.
    pub async fn post_from(
        &mut self,
        path: &str,
        form: &[(&str, &str)],
        from: &[(&str, &str)],
    ) -> Answer {
        let mut request = self
            .client
            .post(format!("{}{path}", self.border))
            .header("accept", HTML)
            .form(form);
        request = fielded(request, from);
        self.send(request).await
    }

    /// What a page of the CRM's sends, with any method.
    pub async fn act(&mut self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.border))
            .header("accept", "application/json")
            .header("origin", &self.border)
            .header("sec-fetch-site", "same-origin");
        if !kind.is_empty() {
            request = request.header("content-type", kind).body(body.to_owned());
        }
        self.send(request).await
    }

    /// What our script sends.
    pub async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        let token = self.token().await;
        self.post_json_by(path, &token, body).await
    }

    /// What a script sends, with this token.
    pub async fn post_json_by(&mut self, path: &str, token: &str, body: &Value) -> Answer {
        let request = self
            .client
            .post(format!("{}{path}", self.border))
            .header("origin", &self.border)
            .header("sec-fetch-site", "same-origin")
            .header("x-sluis-token", token)
            .json(body);
        self.send(fielded(request, &SCRIPT)).await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("other=1; __Host-sluis={cookie}"));
        }
        let mut extra = HeaderMap::new();
        for (name, value) in &self.extra {
            extra.insert(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let answer = request.headers(extra).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let set = headers.get("set-cookie").map(|set| set.to_str().unwrap());
        // Events have a cookie of their own.
        if let Some(value) = set.and_then(|set| set.strip_prefix("__Host-sluis=")) {
            let value = value.split(';').next().unwrap();
            self.cookie = (!value.is_empty()).then(|| value.to_owned());
        }
        Answer {
            status,
            headers,
            body: answer.text().await.unwrap(),
        }
    }
}
