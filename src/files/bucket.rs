//! Files in a bucket of an object store that speaks S3. The portal alone speaks to it: no address of the store is ever given
//! to a browser. What is sent there is sealed already.

use super::place::{Place, Sealing, read, shelf, written};
use crate::config::BucketAt;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, RANGE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use rusty_s3::{Bucket as Store, Credentials, S3Action, UrlStyle};
use std::ops::Range;
use std::time::Duration;

/// A signed address is used at once.
const SIGNED_FOR: Duration = Duration::from_secs(60);
/// A file is some megabytes.
const WITHIN: Duration = Duration::from_secs(20);
/// Bytes of a list of a thousand names, and how many such lists a shelf may have.
const LIST: usize = 4 << 20;
const LISTS: usize = 1000;

/// A bucket, of which the part below the province's code is the portal's.
pub(super) struct Bucket {
    store: Store,
    credentials: Credentials,
    client: Client,
    province: String,
}

fn away(what: &str, why: impl std::fmt::Display) -> AppError {
    AppError::Unavailable(format!("files: {what}: {why}"))
}

/// Why a request could not be sent; its address, which is signed, stays out of the log.
fn unsent(what: &str, error: reqwest::Error) -> AppError {
    away(what, error.without_url())
}

impl Bucket {
    /// The bucket of the settings.
    ///
    /// # Errors
    /// [`AppError::Internal`] for an address that is none, or when no client can be made.
    pub(super) fn new(at: &BucketAt, province: &str) -> AppResult<Self> {
        crate::tls::install();
        let endpoint = Url::parse(&at.endpoint).map_err(AppError::internal)?;
        let store = Store::new(endpoint, UrlStyle::Path, at.bucket.clone(), at.region.clone());
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(WITHIN)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build();
        Ok(Self {
            store: store.map_err(AppError::internal)?,
            credentials: Credentials::new(at.key.clone(), at.secret.clone()),
            client: client.map_err(AppError::internal)?,
            province: province.to_owned(),
        })
    }

    fn shelf(&self, number: u8) -> String {
        format!("{}/{number:02x}/", self.province)
    }

    fn key(&self, name: Id) -> String {
        format!("{}{}", self.shelf(shelf(name)), written(name))
    }

    async fn written(&self, name: Id, sealing: Sealing) -> AppResult<()> {
        let mut sealed = Vec::new();
        sealing.each(|piece| {
            sealed.extend_from_slice(&piece);
            Ok::<(), AppError>(())
        })?;
        let key = self.key(name);
        let address = self.store.put_object(Some(&self.credentials), &key).sign(SIGNED_FOR);
        let request = self.client.put(address).header(CONTENT_TYPE, "application/octet-stream").body(sealed);
        good(request, "a file could not be written").await.map(|_| ())
    }

    async fn part(&self, name: Id, range: Range<u64>) -> AppResult<Option<Vec<u8>>> {
        const WHAT: &str = "a file could not be read";
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(AppError::internal)?;
        let key = self.key(name);
        let address = self.store.get_object(Some(&self.credentials), &key).sign(SIGNED_FOR);
        let asked = format!("bytes={}-{}", range.start, range.end.saturating_sub(1));
        let answer = self.client.get(address).header(RANGE, asked).send().await;
        let answer = answer.map_err(|e| unsent(WHAT, e))?;
        match answer.status() {
            StatusCode::NOT_FOUND | StatusCode::RANGE_NOT_SATISFIABLE => Ok(None),
            StatusCode::PARTIAL_CONTENT => {
                let bytes = bounded(answer, length, WHAT).await?;
                Ok(Some(bytes).filter(|bytes| bytes.len() == length))
            }
            other => Err(away(WHAT, other)),
        }
    }

    async fn removed(&self, name: Id) -> AppResult<()> {
        const WHAT: &str = "a file could not be removed";
        let key = self.key(name);
        let address = self.store.delete_object(Some(&self.credentials), &key).sign(SIGNED_FOR);
        let answer = self.client.delete(address).send().await.map_err(|e| unsent(WHAT, e))?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(()),
            status if status.is_success() => Ok(()),
            other => Err(away(WHAT, other)),
        }
    }

    async fn listed(&self, number: u8) -> AppResult<Vec<Id>> {
        let prefix = self.shelf(number);
        let (mut names, mut after) = (Vec::new(), String::new());
        for _ in 0..LISTS {
            // The bucket itself, asked for its list (ListObjectsV2); the library has that only with a reader of XML.
            let mut list = self.store.get_object(Some(&self.credentials), "");
            list.query_mut().insert("list-type", "2");
            list.query_mut().insert("prefix", prefix.as_str());
            if !after.is_empty() {
                list.query_mut().insert("start-after", after.as_str());
            }
            let request = self.client.get(list.sign(SIGNED_FOR));
            let answer = good(request, "the bucket could not be read").await?;
            let text = bounded(answer, LIST, "the bucket could not be read").await?;
            let text = String::from_utf8(text).map_err(|e| away("the bucket could not be read", e))?;
            let keys: Vec<&str> = tagged(&text, "Key").collect();
            names.extend(keys.iter().filter_map(|key| read(key.strip_prefix(prefix.as_str())?)));
            match keys.last().filter(|_| tagged(&text, "IsTruncated").any(|more| more == "true")) {
                Some(last) => after = (*last).to_owned(),
                None => return Ok(names),
            }
        }
        Err(away("the bucket could not be read", "its lists do not end"))
    }
}

impl Place for Bucket {
    fn put(&self, name: Id, sealing: Sealing) -> BoxFuture<'_, AppResult<()>> {
        self.written(name, sealing).boxed()
    }

    fn get(&self, name: Id, range: Range<u64>) -> BoxFuture<'_, AppResult<Option<Vec<u8>>>> {
        self.part(name, range).boxed()
    }

    fn remove(&self, name: Id) -> BoxFuture<'_, AppResult<()>> {
        self.removed(name).boxed()
    }

    fn names(&self, number: u8) -> BoxFuture<'_, AppResult<Vec<Id>>> {
        self.listed(number).boxed()
    }
}

/// The answer to a request that was done.
async fn good(request: RequestBuilder, what: &str) -> AppResult<Response> {
    let answer = request.send().await.map_err(|e| unsent(what, e))?;
    let status = answer.status();
    if status.is_success() { Ok(answer) } else { Err(away(what, status)) }
}

/// The body of an answer, if it is no longer than that.
async fn bounded(mut answer: Response, most: usize, what: &str) -> AppResult<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|e| unsent(what, e))? {
        if body.len() + piece.len() > most {
            return Err(away(what, "the answer is too long"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// What stands between the tags of a name. Our keys have nothing in them that XML would write otherwise; others are none of
/// ours.
fn tagged<'a>(text: &'a str, tag: &str) -> impl Iterator<Item = &'a str> {
    let (begin, end) = (format!("<{tag}>"), format!("</{tag}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&begin)?;
        let (inside, more) = after.split_once(&end)?;
        rest = more;
        Some(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_a_list() {
        let text = "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>510000/0a/x</Key><Size>1</Size>\
            </Contents><Contents><Key>510000/0a/y</Key></Contents></ListBucketResult>";
        assert_eq!(tagged(text, "Key").collect::<Vec<_>>(), ["510000/0a/x", "510000/0a/y"]);
        assert_eq!(tagged(text, "IsTruncated").collect::<Vec<_>>(), ["true"]);
        assert_eq!(tagged("<Key>cut", "Key").count(), 0);
    }
}
