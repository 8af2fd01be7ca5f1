//! The permissions of a program to read, where its runtime restricts them: `lib/support/permissions.js` calls this.
//!
//! Only the runtime knows the permissions, and only the thread of the environment can query it. A walk on other threads
//! asks that thread, and waits for its answer.

use crate::held::{hold, Held};
use async_iterable_bridge::Error;
use napi::bindgen_prelude::Object;
use napi::Env;
use napi_derive::napi;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The permissions of one environment.
#[derive(Clone, Debug)]
pub(crate) struct Permissions {
    questions: Arc<Questions>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct Questions {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next_number: u32,
    /// Questions that the environment has not taken yet.
    asked: Vec<(u32, PathBuf)>,
    answers: HashMap<u32, Option<Refusal>>,
    /// Whether the environment has gone away. Then it answers no more questions.
    is_closed: bool,
}

impl Permissions {
    /// Returns the reason why a path may not be read, or `None` if it may. Waits for the environment's thread.
    ///
    /// # Errors
    ///
    /// Fails when the environment goes away.
    pub(crate) fn refusal(&self, path: PathBuf) -> Result<Option<Error>, Error> {
        let mut state = self.questions.lock();
        let number = state.next_number;
        state.next_number = number.wrapping_add(1);
        state.asked.push((number, path));
        drop(state);
        self.waker.wake_by_ref();
        let unanswered =
            |state: &mut State| !state.is_closed && !state.answers.contains_key(&number);
        let waited = self
            .questions
            .answered
            .wait_while(self.questions.lock(), unanswered);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let refusal = state.answers.remove(&number).ok_or_else(closed)?;
        Ok(refusal.map(Error::from))
    }
}

impl Questions {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.answered.notify_all();
    }
}

fn closed() -> Error {
    Error::new("The environment of the walk went away").with_code("ERR_PRODUCER_TERMINATED")
}

/// The permissions that an environment holds. When it holds them no more, it answers no more questions.
struct Answering(Permissions);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.questions.close();
    }
}

hold!(Answering);

/// Finds the permissions with this number, which `open_permissions` has returned on this thread.
pub(crate) fn find(number: f64) -> napi::Result<Permissions> {
    Answering::with(number, |entry| entry.value.0.clone())
        .ok_or_else(|| napi::Error::from_reason("there are no permissions of this number"))
}

/// Lets walks on other threads ask this environment for permission to read. The object is woken when there are
/// questions. Returns the number of the permissions.
#[napi(catch_unwind)]
pub fn open_permissions(
    env: &Env,
    #[napi(ts_arg_type = "object")] object: Object<'_>,
) -> napi::Result<f64> {
    let number = Answering::hold(env, Some(object), |waker| {
        Some(Answering(Permissions {
            questions: Arc::default(),
            waker,
        }))
    })?;
    Ok(number.expect("the permissions were made"))
}

/// A path that a walk wants to read.
#[napi(object)]
pub struct PermissionQuestion {
    pub number: u32,
    /// The path. U+FFFD replaces bytes that are not UTF-8.
    pub path: String,
}

/// Takes the questions that have not been taken yet.
#[napi(catch_unwind)]
pub fn take_permission_questions(permissions: f64) -> napi::Result<Vec<PermissionQuestion>> {
    let asked = std::mem::take(&mut find(permissions)?.questions.lock().asked);
    let question = |(number, path): (u32, PathBuf)| PermissionQuestion {
        number,
        path: path.to_string_lossy().into_owned(),
    };
    Ok(asked.into_iter().map(question).collect())
}

/// The runtime's error that refuses a path.
#[napi(object)]
#[derive(Debug)]
pub struct Refusal {
    pub name: String,
    pub message: String,
    pub code: Option<String>,
    pub permission: Option<String>,
    pub resource: Option<String>,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let mut error = Error::new(refusal.message);
        if let Some(code) = refusal.code {
            error = error.with_code(code);
        }
        let mut properties = vec![
            ("permission", refusal.permission),
            ("resource", refusal.resource),
        ];
        if refusal.name != "Error" {
            properties.push(("name", Some(refusal.name)));
        }
        for (name, value) in properties {
            if let Some(value) = value {
                error = error.with_property(name, value);
            }
        }
        error
    }
}

/// Answers a question with the reason why the path is refused, or with nothing if it is permitted.
#[napi(catch_unwind)]
pub fn answer_permission_question(
    permissions: f64,
    number: u32,
    refusal: Option<Refusal>,
) -> napi::Result<()> {
    let Permissions { questions, .. } = find(permissions)?;
    questions.lock().answers.insert(number, refusal);
    questions.answered.notify_all();
    Ok(())
}
