//! The tables, as both backends have them. Kept in step with `migrations/` by a test.

#![expect(missing_docs, reason = "the columns are told where their rows are declared")]

mod telling;

pub use telling::*;

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    actors (id) {
        id -> BigInt,
        ap_id -> Text,
        kind -> Text,
        local -> Bool,
        name -> Text,
        host -> Text,
        display_name -> Text,
        summary_html -> Text,
        summary_source -> Nullable<Text>,
        url -> Text,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
        outbox -> Nullable<Text>,
        followers -> Nullable<Text>,
        public_key_id -> Text,
        public_key_pem -> Text,
        ed25519_public -> Nullable<Text>,
        fetched_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        suspended_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        handle -> Nullable<Text>,
        also_known_as -> Nullable<Text>,
        moved_to -> Nullable<Text>,
        moved_at -> Nullable<BigInt>,
    }
}

table! {
    actor_keys (actor_id) {
        actor_id -> BigInt,
        rsa_private -> Nullable<Text>,
        ed25519_seed -> Text,
    }
}

table! {
    assertion_methods (actor_id, key_id) {
        actor_id -> BigInt,
        key_id -> Text,
        ed25519_public -> Text,
    }
}

table! {
    instance (id) {
        id -> BigInt,
        domain -> Text,
        name -> Text,
        territory -> Nullable<Text>,
        language -> Text,
        actor_id -> BigInt,
        community_id -> Nullable<BigInt>,
        secret -> Text,
        created_at -> BigInt,
    }
}

table! {
    accounts (actor_id) {
        actor_id -> BigInt,
        mail -> Text,
        password_hash -> Nullable<Text>,
        role -> Text,
        language -> Nullable<Text>,
        created_at -> BigInt,
    }
}

table! {
    sessions (token_hash) {
        token_hash -> Text,
        account_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    sign_in_links (token_hash) {
        token_hash -> Text,
        account_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    communities (actor_id) {
        actor_id -> BigInt,
        territory -> Nullable<Text>,
        posting -> Text,
        members_claimed -> Nullable<BigInt>,
        moderators_url -> Nullable<Text>,
        featured_url -> Nullable<Text>,
        default_reach -> Nullable<Text>,
        links_url -> Nullable<Text>,
        openness -> Text,
    }
}

table! {
    invitations (community_id, actor_id) {
        community_id -> BigInt,
        actor_id -> BigInt,
        ap_id -> Text,
        inviter_id -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

table! {
    join_requests (follow_id) {
        follow_id -> BigInt,
        is_join -> Bool,
        reason -> Text,
    }
}

table! {
    moderators (community_id, actor_id) {
        community_id -> BigInt,
        actor_id -> BigInt,
    }
}

table! {
    bans (community_id, actor_id) {
        community_id -> BigInt,
        actor_id -> BigInt,
        moderator_id -> BigInt,
        reason -> Text,
        until -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

table! {
    reports (id) {
        id -> BigInt,
        ap_id -> Text,
        reporter_id -> BigInt,
        community_id -> Nullable<BigInt>,
        post_id -> Nullable<BigInt>,
        actor_id -> BigInt,
        reason -> Text,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        resolver_id -> Nullable<BigInt>,
    }
}

table! {
    follows (id) {
        id -> BigInt,
        ap_id -> Text,
        follower_id -> BigInt,
        followed_id -> BigInt,
        standing -> Text,
        created_at -> BigInt,
    }
}

table! {
    posts (id) {
        id -> BigInt,
        ap_id -> Text,
        url -> Text,
        kind -> Text,
        local -> Bool,
        author_id -> BigInt,
        home_id -> Nullable<BigInt>,
        thread_id -> BigInt,
        parent_id -> Nullable<BigInt>,
        visibility -> Text,
        title -> Nullable<Text>,
        source -> Nullable<Text>,
        html -> Text,
        language -> Nullable<Text>,
        request_key -> Nullable<Text>,
        locked -> Bool,
        likes -> BigInt,
        dislikes -> BigInt,
        replies -> BigInt,
        published_at -> BigInt,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        received_at -> BigInt,
        context -> Nullable<Text>,
        warning -> Nullable<Text>,
        link -> Nullable<Text>,
        removed_at -> Nullable<BigInt>,
        removal_reason -> Nullable<Text>,
        featured_at -> Nullable<BigInt>,
        reach -> Nullable<Text>,
    }
}

table! {
    post_recipients (post_id, actor_id) {
        post_id -> BigInt,
        actor_id -> BigInt,
    }
}

table! {
    votes (actor_id, post_id) {
        actor_id -> BigInt,
        post_id -> BigInt,
        score -> BigInt,
        ap_id -> Text,
        created_at -> BigInt,
    }
}

table! {
    activities (id) {
        id -> BigInt,
        ap_id -> Text,
        kind -> Text,
        local -> Bool,
        actor_id -> BigInt,
        post_id -> Nullable<BigInt>,
        listed -> Bool,
        document -> Text,
        created_at -> BigInt,
    }
}

table! {
    seen_activities (ap_id) {
        ap_id -> Text,
        seen_at -> BigInt,
    }
}

table! {
    effects (id) {
        id -> BigInt,
        document -> Text,
        created_at -> BigInt,
    }
}

table! {
    deliveries (id) {
        id -> BigInt,
        activity_id -> BigInt,
        signer_id -> BigInt,
        inbox -> Text,
        host -> Text,
        subject -> Text,
        state -> Text,
        attempts -> BigInt,
        next_at -> BigInt,
        claimed_until -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        waits -> Bool,
    }
}

table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        subject -> Text,
        document -> Text,
        state -> Text,
        attempts -> BigInt,
        next_at -> BigInt,
        claimed_until -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        progress -> Nullable<Text>,
    }
}

table! {
    hosts (host) {
        host -> Text,
        software -> Nullable<Text>,
        version -> Nullable<Text>,
        clocher -> Bool,
        checked_at -> Nullable<BigInt>,
        failures -> BigInt,
        failing_since -> Nullable<BigInt>,
        retry_at -> Nullable<BigInt>,
        seen_at -> Nullable<BigInt>,
        rfc9421 -> Bool,
    }
}

table! {
    links (id) {
        id -> BigInt,
        community_id -> BigInt,
        other_id -> BigInt,
        relation -> Text,
        state -> Text,
        shares -> Text,
        accepts -> Text,
        other_shares -> Text,
        other_accepts -> Text,
        offer -> Text,
        acceptance -> Nullable<Text>,
        other_document -> Nullable<Text>,
        effective_at -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        implied -> Bool,
    }
}

table! {
    links_elsewhere (community_id, other) {
        community_id -> BigInt,
        other -> Text,
        relation -> Text,
        seen_at -> BigInt,
        implied -> Bool,
    }
}

table! {
    carried_links (link_id) {
        link_id -> BigInt,
        former_id -> BigInt,
        until -> BigInt,
    }
}

table! {
    changed_claims (community_id) {
        community_id -> BigInt,
        territory -> Nullable<Text>,
        since -> BigInt,
    }
}

table! {
    judged_claims (community_id, territory) {
        community_id -> BigInt,
        territory -> Text,
        confirmed -> Bool,
        decider_id -> BigInt,
        decided_at -> BigInt,
    }
}

table! {
    journal (id) {
        id -> BigInt,
        community_id -> BigInt,
        event -> Text,
        actor_id -> Nullable<BigInt>,
        other_id -> Nullable<BigInt>,
        details -> Text,
        created_at -> BigInt,
    }
}

table! {
    placements (id) {
        id -> BigInt,
        thread_id -> BigInt,
        community_id -> BigInt,
        state -> Text,
        ways -> BigInt,
        path -> Text,
        announce -> Nullable<Text>,
        accepted_title -> Nullable<Text>,
        accepted_html -> Nullable<Text>,
        decider_id -> Nullable<BigInt>,
        created_at -> BigInt,
        changed_at -> BigInt,
        dated_at -> BigInt,
    }
}

table! {
    placement_answers (thread_id, community_id) {
        thread_id -> BigInt,
        community_id -> BigInt,
        decider_id -> BigInt,
        accepted -> Bool,
        created_at -> BigInt,
    }
}

table! {
    arrivals (placement_id, neighbour_id) {
        placement_id -> BigInt,
        neighbour_id -> BigInt,
        way -> Text,
        path -> Text,
        announces -> Text,
        offer -> Text,
        created_at -> BigInt,
    }
}

table! {
    republications (original_id) {
        original_id -> BigInt,
        community_id -> BigInt,
        proposer_id -> BigInt,
        state -> Text,
        copy_id -> Nullable<BigInt>,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
    }
}

table! {
    hidings (community_id, post_id) {
        community_id -> BigInt,
        post_id -> BigInt,
        thread_id -> BigInt,
        moderator_id -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    openings (id) {
        id -> BigInt,
        community_id -> BigInt,
    }
}

table! {
    domain_rules (domain) {
        domain -> Text,
        rule -> Text,
        reason -> Text,
        created_at -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(
    actors,
    actor_keys,
    assertion_methods,
    instance,
    accounts,
    sessions,
    sign_in_links,
    communities,
    invitations,
    join_requests,
    moderators,
    bans,
    reports,
    follows,
    posts,
    post_recipients,
    votes,
    activities,
    seen_activities,
    effects,
    deliveries,
    jobs,
    hosts,
    links,
    links_elsewhere,
    carried_links,
    changed_claims,
    judged_claims,
    journal,
    placements,
    placement_answers,
    arrivals,
    republications,
    hidings,
    openings,
    domain_rules,
    addresses,
    joints,
    joint_communities,
    told_elsewhere,
    subscribers,
    subscriptions,
    mutes,
    thread_follows,
    address_claims,
    fan_outs,
    ledger,
    sending,
);
