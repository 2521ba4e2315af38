//! The file store: nobody names another company's files, and a failed upload leaves nothing.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::TryStreamExt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::kernel::error::Error;
use crate::kernel::files::{Files, Place, TenantFiles};
use crate::kernel::testing::{World, named};

const MIB: u64 = 1024 * 1024;

async fn read(files: &TenantFiles, key: crate::kernel::files::FileKey) -> Vec<u8> {
    let content = files.get(key).await.expect("is there");
    let bytes: Vec<Vec<u8>> = content.bytes.try_collect().await.expect("reads");
    let bytes = bytes.concat();
    assert_eq!(content.size, bytes.len() as u64);
    bytes
}

/// Files of a folder and those below.
fn kept(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("is there") {
        let path = entry.expect("is there").path();
        if path.is_dir() {
            found.extend(kept(&path));
        } else {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}

/// Gives so many bytes, then fails or, without a failure, never ends.
struct Broken {
    left: u64,
    fails: bool,
}

impl AsyncRead for Broken {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return if self.fails { Poll::Ready(Err(io::Error::other("the line is dead"))) } else { Poll::Pending };
        }
        let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.remaining());
        buffer.put_slice(&vec![7; size]);
        self.left -= size as u64;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_file_is_put_read_and_removed_in_one_part_and_in_several() {
    let world = World::new().await;
    let company = world.company("north").await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = Files::open(&Place::Folder(folder.path().join("files"))).await.expect("opens");
    let files = store.of(&company.admin);
    for size in [0, 1, 5 * MIB - 1, 5 * MIB, 11 * MIB + 3] {
        let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).expect("is small")).collect();
        let stored = files.put(&*bytes, size).await.expect("fits exactly");
        assert_eq!(stored.size, size);
        assert!(read(&files, stored.key).await == bytes, "{size} bytes come back as they were");
        files.delete(stored.key).await.expect("removes");
        assert!(matches!(files.get(stored.key).await.map(drop), Err(Error::NotFound)));
        files.delete(stored.key).await.expect("is gone already");
    }
    assert_eq!(kept(folder.path()).len(), 1, "nothing but the mark is left");
}

#[tokio::test]
async fn a_file_of_another_company_cannot_be_named() {
    let world = World::new().await;
    let (north, south) = (world.company("north").await, world.company("south").await);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Files::open(&Place::Folder(folder.path().to_owned())).await.expect("opens");
    let stored = store.of(&north.admin).put(&b"secret"[..], MIB).await.expect("keeps");
    let strangers = store.of(&south.admin);
    assert!(matches!(strangers.get(stored.key).await.map(drop), Err(Error::NotFound)));
    strangers.delete(stored.key).await.expect("has nothing to remove");
    assert_eq!(read(&store.of(&north.admin), stored.key).await, b"secret");
    let place = format!("tenants/{}/{}", north.admin.tenant(), stored.key.uuid());
    assert!(kept(folder.path()).iter().any(|path| path.ends_with(&place)), "{place}");
}

#[tokio::test]
async fn a_failed_upload_leaves_nothing() {
    let world = World::new().await;
    let company = world.company("north").await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = Files::open(&Place::Folder(folder.path().to_owned())).await.expect("opens");
    let files = store.of(&company.admin);
    let nothing = || kept(folder.path()).len() == 1;
    for left in [3, 7 * MIB] {
        let broken = files.put(Broken { left, fails: true }, 20 * MIB).await;
        assert!(matches!(broken, Err(Error::Unavailable(_))), "{broken:?}");
        assert!(nothing(), "broken off after {left} bytes");
        let large = named(files.put(Broken { left, fails: true }, left - 1).await);
        assert_eq!(large, [("file".to_owned(), "file_too_large".to_owned())]);
        assert!(nothing(), "refused after {left} bytes");
    }
    // a reader that hangs, and whoever waited goes away
    let cancelled = tokio::time::timeout(Duration::from_millis(300), files.put(Broken { left: 7 * MIB, fails: false }, 20 * MIB)).await;
    assert!(cancelled.is_err());
    let gone = async {
        while !nothing() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("the parts are cleared away");
}

#[tokio::test]
async fn a_store_that_went_away_is_not_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Files::open(&Place::Folder(folder.path().join("files"))).await.expect("opens");
    store.ready().await.expect("is there");
    std::fs::remove_dir_all(folder.path().join("files")).expect("goes away");
    assert!(store.ready().await.is_err());
    let file = folder.path().join("a file");
    std::fs::write(&file, "").expect("writes");
    let refused = Files::open(&Place::Folder(file.join("x"))).await.expect_err("is no folder").to_string();
    assert!(refused.contains("a file"), "{refused}");
}

#[tokio::test]
async fn a_bucket_keeps_the_same_promises() {
    let world = World::new().await;
    let (north, south) = (world.company("north").await, world.company("south").await);
    let bucket = Bucket::start().await;
    let store = Files::open(&bucket.place("archive/2026")).await.expect("opens");
    store.ready().await.expect("answers");
    let files = store.of(&north.admin);
    for size in [0, 6, 11 * MIB] {
        let bytes = vec![9; usize::try_from(size).expect("is small")];
        let stored = files.put(&*bytes, size).await.expect("keeps");
        let key = format!("archive/2026/tenants/{}/{}", north.admin.tenant(), stored.key.uuid());
        assert!(bucket.keys().contains(&key), "{:?}", bucket.keys());
        assert!(read(&files, stored.key).await == bytes);
        assert!(matches!(store.of(&south.admin).get(stored.key).await.map(drop), Err(Error::NotFound)));
        files.delete(stored.key).await.expect("removes");
    }
    let broken = files.put(Broken { left: 7 * MIB, fails: true }, 20 * MIB).await;
    assert!(matches!(broken, Err(Error::Unavailable(_))), "{broken:?}");
    assert_eq!(bucket.keys(), ["archive/2026/ready"], "no file and no part is left");
    assert!(bucket.signed_all(), "every request bore the key's signature");
}

/// As much of an S3 server as the store asks for.
#[derive(Clone)]
struct Bucket {
    url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    /// Parts of uploads that are neither complete nor aborted, by key.
    parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    unsigned: usize,
}

impl Bucket {
    async fn start() -> Self {
        // the client of the store wants a provider of TLS, though this server speaks plain HTTP
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let bucket = Self { url: format!("http://{}", listener.local_addr().expect("bound")), state: Arc::default() };
        let running = bucket.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let bucket = running.clone();
                tokio::spawn(async move { bucket.converse(client).await });
            }
        });
        bucket
    }

    fn place(&self, prefix: &str) -> Place {
        let options = [
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_PAGER", "less"),
        ];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Place::Bucket { name: "bucket".to_owned(), prefix: prefix.to_owned(), options }
    }

    /// Keys of everything kept, unfinished uploads too.
    fn keys(&self) -> Vec<String> {
        let state = self.state.lock().expect("whole");
        state.objects.keys().chain(state.parts.keys()).cloned().collect()
    }

    fn signed_all(&self) -> bool {
        self.state.lock().expect("whole").unsigned == 0
    }

    async fn converse(&self, client: TcpStream) -> io::Result<()> {
        let mut client = BufReader::new(client);
        loop {
            let (mut head, mut length) = (String::new(), 0);
            while client.read_line(&mut head).await? > 2 {
                let last = head.lines().last().unwrap_or_default().to_ascii_lowercase();
                if let Some(value) = last.strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            let mut body = vec![0; length];
            client.read_exact(&mut body).await?;
            if head.is_empty() {
                return Ok(());
            }
            let (status, answer) = self.answer(&head, body);
            let sent = if head.starts_with("HEAD") { &[][..] } else { &answer[..] };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\netag: \"1\"\r\nlast-modified: Mon, 02 Mar 2026 04:00:00 GMT\r\n\r\n",
                answer.len()
            );
            client.write_all(head.as_bytes()).await?;
            client.write_all(sent).await?;
        }
    }

    fn answer(&self, head: &str, body: Vec<u8>) -> (&'static str, Vec<u8>) {
        let mut state = self.state.lock().expect("whole");
        state.unsigned += usize::from(!head.to_ascii_lowercase().contains("authorization: aws4-hmac-sha256 credential=akia/"));
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let key = path.strip_prefix("/bucket").unwrap_or(path).trim_start_matches('/').to_owned();
        let part = query.split('&').find_map(|pair| pair.strip_prefix("partNumber=")).and_then(|n| n.parse().ok());
        match (method, part) {
            ("POST", _) if query.starts_with("uploads") => {
                state.parts.insert(key.clone(), BTreeMap::new());
                let xml = format!(
                    "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>{key}</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>"
                );
                ("200 OK", xml.into_bytes())
            }
            ("PUT", Some(part)) => {
                state.parts.entry(key).or_default().insert(part, body);
                ("200 OK", Vec::new())
            }
            ("POST", _) if query.starts_with("delete") => {
                let asked = String::from_utf8_lossy(&body).into_owned();
                let gone: Vec<&str> = asked.split("<Key>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
                state.objects.retain(|key, _| !gone.contains(&&**key));
                let told: Vec<String> = gone.iter().map(|key| format!("<Deleted><Key>{key}</Key></Deleted>")).collect();
                ("200 OK", format!("<DeleteResult>{}</DeleteResult>", told.concat()).into_bytes())
            }
            ("POST", _) => {
                let parts = state.parts.remove(&key).unwrap_or_default();
                state.objects.insert(key, parts.into_values().flatten().collect());
                ("200 OK", b"<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>".to_vec())
            }
            ("DELETE", _) if query.contains("uploadId") => {
                state.parts.remove(&key);
                ("204 No Content", Vec::new())
            }
            ("PUT", None) => {
                state.objects.insert(key, body);
                ("200 OK", Vec::new())
            }
            _ => state.objects.get(&key).map_or(("404 Not Found", Vec::new()), |object| ("200 OK", object.clone())),
        }
    }
}
