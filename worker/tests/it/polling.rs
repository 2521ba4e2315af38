//! Who polls Telegram, among processes of their own: one at a time, and another once that one is killed.

use crate::support::{BotApi, Child, Db, eventually};

async fn listener(db: &Db, bot: &BotApi) -> Child {
    let variables = [("LISTENER_DATABASE", db.world.url.as_str()), ("LISTENER_TOKEN", BotApi::TOKEN), ("LISTENER_API", &bot.url)];
    Child::run("listener", &variables).await
}

/// Somebody writes to the bot; answers which of the processes hear it.
async fn heard(bot: &BotApi, listeners: &[Child], token: &str) -> Vec<usize> {
    bot.hears(&format!("/start {token}"));
    let line = format!("heard {token}");
    let hearing = || listeners.iter().enumerate().filter(|(_, each)| each.has_said(&line)).map(|(at, _)| at).collect::<Vec<_>>();
    eventually("somebody hears it", async || Some(hearing()).filter(|hearing| !hearing.is_empty())).await
}

#[tokio::test]
async fn of_several_processes_one_polls_and_another_takes_over_when_it_is_killed() {
    let (db, bot) = (Db::new().await, BotApi::start().await);
    let mut listeners = [listener(&db, &bot).await, listener(&db, &bot).await, listener(&db, &bot).await];
    let mut before = Vec::new();
    for round in 0..listeners.len() {
        eventually("one polls", async || (bot.polling().0 == 1).then_some(())).await;
        let first = heard(&bot, &listeners, &format!("a{round}")).await;
        let again = heard(&bot, &listeners, &format!("b{round}")).await;
        assert_eq!((first.len(), &first), (1, &again), "one hears all there is");
        assert!(!before.contains(&first[0]), "somebody else than whoever was killed");
        before.push(first[0]);
        // with a question held open, so that what comes meanwhile waits for the successor
        eventually("it asks on", async || (bot.polling().0 == 1).then_some(())).await;
        listeners[first[0]].kill().await;
    }
    assert_eq!(bot.polling().1, 1, "never two at once");
}
