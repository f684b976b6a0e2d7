//! The tables of who is told what: addresses, what people asked for, the ledger.

use diesel::table;

table! {
    addresses (id) {
        id -> BigInt,
        mail -> Text,
        verified_at -> Nullable<BigInt>,
        home -> Nullable<Text>,
        matched_at -> Nullable<BigInt>,
    }
}

table! {
    joints (id) {
        id -> BigInt,
        key -> Text,
        is_home -> Bool,
        address_id -> BigInt,
        account_id -> BigInt,
        domain -> Text,
        partner_id -> Nullable<BigInt>,
        ticket -> Nullable<Text>,
        state -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        mailed_at -> Nullable<BigInt>,
        changed_at -> BigInt,
    }
}

table! {
    joint_communities (joint_id, community_id) {
        joint_id -> BigInt,
        community_id -> BigInt,
        mode -> Text,
        was_member -> Bool,
        listed_at -> BigInt,
        handed_at -> Nullable<BigInt>,
    }
}

table! {
    told_elsewhere (address_id, ap_id) {
        address_id -> BigInt,
        ap_id -> Text,
        created_at -> BigInt,
    }
}

table! {
    subscribers (account_id) {
        account_id -> BigInt,
        address_id -> BigInt,
        mode -> Text,
    }
}

table! {
    subscriptions (account_id, community_id) {
        account_id -> BigInt,
        community_id -> BigInt,
        mode -> Nullable<Text>,
        quiet -> Bool,
        left_at -> Nullable<BigInt>,
    }
}

table! {
    mutes (account_id, actor_id) {
        account_id -> BigInt,
        actor_id -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    thread_follows (account_id, thread_id) {
        account_id -> BigInt,
        thread_id -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    address_claims (id) {
        id -> BigInt,
        account_id -> BigInt,
        address_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        sent_at -> Nullable<BigInt>,
    }
}

table! {
    fan_outs (id) {
        id -> BigInt,
        post_id -> BigInt,
        community_id -> Nullable<BigInt>,
        fetched -> Bool,
        stage -> BigInt,
        reached -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    ledger (id) {
        id -> BigInt,
        person_id -> BigInt,
        post_id -> BigInt,
        channel -> Text,
        thread_id -> BigInt,
        mode -> Text,
        state -> Text,
        due_at -> BigInt,
        retry_at -> BigInt,
        attempts -> BigInt,
        list_id -> Nullable<BigInt>,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
    }
}

table! {
    sending (id) {
        id -> BigInt,
        marker -> Text,
        turn -> BigInt,
        stopped_at -> Nullable<BigInt>,
    }
}
