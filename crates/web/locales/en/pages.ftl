# What the pages say. What people write is never translated.
language-name = English
skip = Skip to content
account = Account
go-home = Back to the home page
powered = This site is an instance of Clocher, free software (AGPL-3.0).
licence = Licence of the data
date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year } at { $hour }:{ $minute }
error-in = Error: { $name }

## Territories
level-hamlet = hamlet
level-commune = commune
level-epci = intercommunalité
level-arrondissement = arrondissement
level-departement = département
level-region = région
place-code = { $level }, code { $code }
inhabitants = { $count ->
    [one] { $number } inhabitant
   *[other] { $number } inhabitants
}
territory = Territory
claim-claimed = Says that it stands for { $name }. This is not confirmed.
claim-contested = Says that it stands for { $name }, but others say so too. This is not confirmed.
claim-rejected = Says that it stands for { $name }. The administrators of this site do not recognise it.
claim-changed = Says now that it stands for { $name }. This is not confirmed.
claim-dropped = Says now that it no longer stands for a territory.
claims-title = Territories to confirm
claims-hint = Communities elsewhere say that they stand for a territory, and no recognised community above them confirms it. Confirm those that you know: when in doubt, call the town hall.
claims-none = There is nothing to confirm.
claims-others = Others that say so:
claims-confirm = Yes, { $name } stands for { $other }
claims-reject = No, { $name } does not stand for { $other }

## Home and lists
newest-threads = Newest threads
communities-here = Communities of this place
communities-elsewhere = Communities elsewhere
members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
followers = { $count ->
    [one] { $count } follower
   *[other] { $count } followers
}
replies = { $count ->
    [0] No replies
    [one] { $count } reply
   *[other] { $count } replies
}
in = in
in-community = In
no-threads = No threads yet.
older-threads = Older threads
message-of = Message by { $name }
find-title = Follow a community or a person elsewhere
find-label = Handle or address
find-hint = For instance @mairie@commune.example, or the address of its page.
find-button = Find
find-nothing = Nobody answers to this name. Check the handle: it is written @name@server.
find-signed-out = We do not know this handle yet. Sign in, and we will ask its server.

## Communities and persons
original-page = Original page
taking-part = Taking part
moderators = Moderators
posting-everybody = Everybody may write here.
posting-members = Only members write here.
posting-moderators = Only moderators open threads here; everybody may reply.
join = Join
leave = Leave
withdraw-request = Withdraw the request
follow = Follow
unfollow = Unfollow
accepted = member
requested = request sent
not-joined = You are not a member.
join-requested = Your request has been sent; the other server has not answered yet.
joined = You are a member.
not-followed = You do not follow this person.
follow-requested = Your request has been sent; it is waiting for an answer.
followed = You follow this person.
has-moved-to = This person has moved to
has-moved = This person has moved.
sign-in-to-join = Sign in to join
sign-in-to-follow = Sign in to follow
join-from-elsewhere = Do you have an account on Mastodon, Lemmy or another server? Search for { $name } there, and take part from where you are.
this-is-you = This is your page.
joined-title = What you follow
joined-nothing = You follow no community and nobody yet.
threads = Threads
threads-of-person = Threads opened

## Messages
message-deleted = Message deleted
original-message = Original message
content-warning = Content warning: { $name }
sensitive = Sensitive content
edited = edited
reply-by = Reply by { $name }
likes = { $count } for
dislikes = { $count } against
vote-like = Vote for
vote-dislike = Vote against
withdraw-like = Withdraw my vote for
withdraw-dislike = Withdraw my vote against
edit = Edit
delete = Delete
thread-cut = This thread is very long: only its first replies are shown.
audience-public = Public: everybody will be able to read it on the web.
audience-unlisted = Unlisted: everybody who has the address will be able to read it.
audience-followers = Only followers of the author will be able to read it.
audience-direct = Only those it is addressed to will be able to read it.
closed-community = A closed community: what is written here is for its members, whom its moderators let in.
hidden-community = A hidden community: only its members know of it, and its moderators invite them.
request-waits = You have asked to join; the moderators have not answered yet.
ask-to-join = Ask to join
request-label = A word to the moderators, if you like
ask-from-elsewhere = Do you have an account on another Clocher instance, or on Lemmy 1.0? Search for { $name } there, and ask to join.
you-are-invited = You are invited to join.
accept-invitation = Accept the invitation
decline-invitation = Decline
join-requests = Requests to join
no-join-requests = Nobody waits for an answer.
accept-request = Let { $name } in
refuse-request = Refuse { $name }
invitations = Invitations
withdraw-invitation = Withdraw the invitation of { $name }
invite-label = Handle of the person to invite, for example @name@example.org
invite = Invite
members-title = Members
no-members = There is no member yet.
expel = Remove { $name }
invitations-for-you = You are invited to
audience-members = Only members will be able to read it.

## Writing
new-thread = New thread
write-thread = Write a new thread
title-label = Title
text-label = Text
markdown-hint = You may use Markdown: **bold**, *italic*, lists with dashes.
publish-thread = Publish the thread
reply-to = Reply to { $name }
reply-label = Your reply
publish-reply = Publish the reply
sign-in-to-reply = Sign in to reply
edit-title = Edit the message
save = Save
change-nothing = Go back without changing anything
delete-title = Delete this message?
delete-warning = Its text will be erased here, and we will ask the servers that received it to erase it too. This cannot be undone.
delete-keeps-replies = The replies will stay.
delete-button = Delete the message

## Moderation
message-removed = Message removed by the moderators
removal-reason = Reason: { $name }
read-removed = Read the removed message
locked = closed to replies
featured = featured
featured-threads = Featured threads
moderate = Moderate
moderate-title = Moderate a message
report = Report
report-title = Report a message
report-hint = The moderators of the community will know that it is you. The author’s server, if it is elsewhere, will only know that somebody here reported it.
report-reason = What is wrong with it?
report-button = Send the report
report-sent = Thank you. The report has been sent.
reason-label = Reason, which everybody may read
remove-title = Remove the message
remove-hint = Nobody will see it here any more, but it can be restored. We will ask other servers to do the same.
remove-button = Remove the message
restore-button = Restore the message
lock-button = Close to replies
unlock-button = Open to replies again
feature-button = Feature
unfeature-button = Do not feature any more
thread-state = The thread
ban-title = Ban { $name }
ban-hint = This person will no longer be able to write, vote or join here.
ban-days = For how many days? Leave empty for good.
ban-removes = Also remove their messages from the community
ban-button = Ban
moderation-of = Moderation of { $name }
moderate-community = Moderate the community
reports = Reports
no-reports = Nothing waits for the moderators.
reported-by = Reported by { $name }
resolve = Settled
bans = Bans
no-bans = Nobody is banned.
banned-until = until
unban = Lift the ban of { $name }
appoint-label = Handle of the person to appoint, for example @name@example.org
appoint = Appoint
dismiss = Dismiss { $name }
staff-hint = Those who moderate or administer the instance moderate all its communities.

## Signing in
sign-in = Sign in
sign-out = Sign out
sign-in-title = Signing in
sign-in-button = Sign in
signed-in-as = You are signed in as { $name }.
name-or-mail = Name or mail address
password = Password
sign-in-by-link = Have you received a sign-in link? Open it: it replaces the password. If not, ask your mairie for one.
sign-in-refused = This name and this password do not fit together. Check them and try again.
sign-in-link-refused = This sign-in link has been used or has expired. Ask for a new one, or use your password.
link-is-for = This link belongs to { $name }.
sign-in-as = Sign in as { $name }
link-once = The link works once. You will stay signed in for 90 days on this device.

## Refusals
refusal-invalid_name = A name is made of unaccented lower-case letters, digits, hyphens and underscores.
refusal-reserved_name = This name is reserved.
refusal-name_taken = This name is already taken.
refusal-invalid_mail = This is not a mail address.
refusal-mail_taken = This mail address already has an account here.
refusal-invalid_password = The password must have 10 to 200 characters.
refusal-empty_text = Something is missing: write a text, and a title for a new thread.
refusal-text_too_long = The text is too long.
refusal-title_too_long = The title is too long: 200 characters at most.
refusal-not_the_author = Only the person who wrote this message may change it.
refusal-not_a_member = You must be a member of this community. Join it first.
refusal-not_a_moderator = Only moderators of this community may do this.
refusal-last_administrator = Nobody else administers this instance: appoint somebody first.
refusal-last_moderator = Nobody else moderates this community: appoint somebody first.
refusal-is_moderator = This person moderates the community: dismiss them first.
refusal-banned = This person is banned from the community.
refusal-too_many_featured = The community features 20 threads already: take one down first.
refusal-suspended = This account is suspended here.
refusal-deleted = This has been deleted.
refusal-removed = The moderators have removed this message.
refusal-thread_locked = This thread is closed: nobody may reply any more.
refusal-not_found = This page does not exist, or you may not see it.
refusal-own_vote = One does not vote on one’s own message.
refusal-own_follow = One does not follow oneself.
refusal-moved = You have moved: write from your new account. To write here again, come back first: “My account”, then “Other accounts and moving”.
refusal-moved_away = This account has moved. Look for the one that replaced it.
refusal-moved_recently = You moved less than 30 days ago: wait before you move again.
refusal-not_linked = This account does not say that it is yours too. Sign in there, add your account of here as an alias, then try again.
refusal-same_account = This is the account that you are using now.
refusal-not_a_person = This account is not that of a person.
refusal-too_many_aliases = You name ten other accounts already: remove one first.
refusal-domain_blocked = Our instance has nothing to do with that server.
refusal-no_server = This names no other server.
refusal-already_joined = Another server sends you this mail already, or we send you theirs. Part them first in your subscriptions.
refusal-too_many = Too many attempts in a short time. Wait a minute, then try again.
refusal-not_possible = This is not possible here.
refusal-unknown_territory = This territory is not in the official geographic code.
refusal-same_community = This is the same community.
refusal-already_linked = These two communities are linked already, in another way. End that link first.
refusal-no_link = There is no active link between these two communities.
refusal-link_cycle = This link would nest a community in itself.
refusal-path_broken = No message takes this path from one community to another.
refusal-beyond_reach = The author does not let the message go that far.
refusal-not_accepted = This community does not accept this message over this link.
refusal-not_kept_closed = The server of this person is not known to keep for members what is written for them.
refusal-not_for_members = This message is addressed to a community for members only, and also to others or to everybody. Where should it go? Choose either the closed community, by itself, or the open ones.
refusal-too_many_addressed = A message goes to ten other communities at most. Untick some.

## Failures
failure-title = That did not work
failure-title-forbidden = This is not allowed
failure-title-not-found = Page not found
failure-title-gone = Page deleted
failure-title-broken = Something broke on our side
failure-unavailable = The site is very busy. Try again in a moment: nothing is lost.
failure-remote_failed = The other server does not answer, or not as it should. Try again later.
failure-internal = Something broke, and we have made a note of it. Try again later.
failure-signed_out = You are not signed in, or no longer. Nothing has been published.
failure-foreign_form = This form does not come from a page that you opened in this session. Nothing has been done. Go back to the page, reload it and try again.
failure-too_large = This is too long to be sent here.
failure-malformed = This request makes no sense. Go back to the previous page and try again.
failure-not_allowed = This address cannot be opened like this: it is for forms.
typed-kept = Your text, so that you can copy it
unknown-host-title = No commune here
unknown-host = No commune is served under this name. Check the address, or ask your mairie for it.

my-account = My account
account-name = Name for signing in
account-mail = Mail address
choose-password = Choose a password
password-none = This account has no password: it signs in by link.
password-hint = At least ten characters; a sentence that you remember does very well. Your other devices will have to sign in again.
new-password = New password
choose-password-button = Save the password
password-chosen = Your password is saved.

## Other accounts and moving
moving-title = Other accounts and moving
moving-link = Name my other accounts, or move
aliases-title = Your other accounts
aliases-hint = Name here the accounts on other servers that are yours too. You can then move from there to here: ask for it on the old server. Everybody can read this list.
aliases-none = You have named no other account.
alias-label = Your other account
alias-hint = Its handle, for instance @name@example.org, or the address of its page. Ten accounts at most.
alias-add = Add this account
alias-remove = Remove { $name }
alias-added = The account has been added.
alias-removed = The account has been removed.
departure-title = Move from here to another account
departure-hint = The other account must first say that it is yours too: sign in there and add { $name } as an alias.
departure-label = Your new account
departure-check-hint = Its handle, or the address of its page. We check it, then ask you to confirm.
departure-check = Check this account
depart-title = Move to { $name }?
depart-followers = Those who follow you are told, and their servers make them follow the new account.
depart-messages = Your messages stay here. You can still read, edit and delete them.
depart-memberships = What you follow does not come with you: join your communities from the new account.
depart-silence = You can publish nothing more here and nobody else can begin to follow you, unless you come back.
depart-return = You can come back whenever you want, but those who left with you do not return by themselves, and it takes 30 days before you can move again.
depart-button = Move
moving-done = You have moved. Those who follow you are told.
you-moved-to = You have moved to
come-back = I live here again
come-back-hint = Your page will no longer point to the other account, and you will be able to write here again. Those who left with you do not return by themselves.
come-back-done = You live here again.
may-move-from = You can move again from

## Links between communities
links-link = Linked communities and journal
feed-link = All threads of { $name } and of what belongs to it
feed-title = { $name } and its communities
feed-lead = The threads of { $name } and of the communities that belong to it, each only once.
feed-from-elsewhere = From Lemmy or PieFed, follow { $name } to get them all together.
feed-communities = Communities brought together here
feed-more = The page of linked communities has the whole list.
links-of = Communities linked to { $name }
links-hint = A link is decided by both communities, and either can end it. Each also chooses what passes over it.
links-upper = Part of
links-lower = Brings together
links-peer = Side by side with
no-links = No community yet.
links-asked = Links that other communities propose
links-proposed = Links proposed, waiting for an answer
asked-upper = This community proposes that yours be part of it.
asked-lower = This community asks to be part of yours.
asked-peer = This community proposes a link side by side.
relation-label = What the other community is to yours
relation-upper = Ours is part of it (a commune, of its intercommunality)
relation-lower = It is part of ours (a hamlet, a school, a club)
relation-peer = They are side by side (a neighbouring commune, an association)
shares-label = What your community sends there
shares-nothing = Nothing
shares-author = What authors choose to send there
shares-moderator = What your moderators choose to send there
shares-everything = Everything that authors allow
accepts-label = What your community takes from there
accepts-nothing = Nothing
accepts-moderated = What your moderators accept, one message at a time
accepts-everything = Everything, up to a few messages a day
own-shares-nothing = Nothing is sent there.
own-shares-author = What authors choose is sent there.
own-shares-moderator = What the moderators choose is sent there.
own-shares-everything = Everything that authors allow is sent there.
own-accepts-nothing = Nothing is taken from there.
own-accepts-moderated = What comes from there waits for the moderators.
own-accepts-everything = Everything from there is taken.
other-shares-nothing = It sends nothing.
other-shares-author = It sends what its authors choose.
other-shares-moderator = It sends what its moderators choose.
other-shares-everything = It sends everything that its authors allow.
other-accepts-nothing = It takes nothing.
other-accepts-moderated = It takes what its moderators accept.
other-accepts-everything = It takes everything.
link-accept = Accept the link with { $name }
link-refuse = Refuse the link with { $name }
link-change = Change the link with { $name }
link-policy = Keep these choices
link-withdraws = No longer show here what came by this link
link-end = End the link with { $name }
link-take-back = Take back the proposal made to { $name }
link-propose-title = Propose a link
link-handle-label = The other community
link-handle-hint = Its handle, for example @name@example.org, or the address of its page. Its moderators will have to accept.
link-propose = Propose this link
link-discover-title = Find the territories around
link-discover-label = Address of a neighbouring instance
link-discover-hint = A link is proposed to the intercommunalité, the départements or the communes that have an instance. Each accepts it or not.
link-discover = Look for them
journal-title = Journal
journal-hint = Everybody can read who decided what, and when.
journal-empty = Nothing has been decided yet.
journal-older = Older
journal-link_proposed = Link proposed to { $name }
journal-link_asked = Link proposed by { $name }
journal-link_agreed = Link agreed with { $name }
journal-link_refused = Link refused with { $name }
journal-link_ended = End of the link with { $name }
journal-link_unlisted = End of the link with { $name }, which did not confirm it
journal-link_policy = What passes over the link with { $name } has changed
journal-link_cycle = By the link with { $name }, the community is part of itself
journal-link_merged = End of the link with { $name }: one of the two communities has become part of another
journal-merged_named = The community says that it succeeds { $name }
journal-merged_into = The community has become part of { $name }
journal-merged_from = { $name } has become part of this community
merging-link = Merging communities
merging-of = { $name }: merging communities
merging-hint = When communes merge, their communities may become one. The new one first says whom it succeeds; then each old one becomes part of it. It takes an administrator of the site to decide that.
merging-became = This community has become part of { $name }.
merging-there = See its page
merging-former = Communities that it succeeds
merging-no-former = None.
merging-former-label = An old community
merging-former-hint = Its handle, such as @name@example.org, or the address of its page. It may then become part of this one.
merging-former-add = Say that it succeeds it
merging-into = Become part of another community
merging-into-hint = The other community must first say that it succeeds { $name }.
merging-into-label = The new community
merging-check-hint = Its handle, or the address of its page. We check it, then ask you to confirm.
merging-check = Check
merging-not-named = This community does not say that it succeeds this one. Its administrators have to say so first.
merge-title = Make { $name } a part of { $other }?
merge-followers = Those who follow the old community will follow the new one.
merge-links = The new one proposes every link of the old one again. Until it is answered, that link works as before, for 90 days at most.
merge-address = The address of the old community leads to the new one.
merge-threads = What was written stays in the old one, where everybody can still read it.
merge-journal = The public journal of both communities says so. It cannot be undone from this page.
merge-button = Merge the communities
journal-relation-upper = (which is above)
journal-relation-lower = (which is part of it)
journal-relation-peer = (side by side)
## Threads that travel between communities
also-read = Also read in
withdraw-from = Take out of { $name }
republish-title = Publish in the open too
republish-label = Open community
republish-hint = The first message alone, as a new thread: the replies stay here, and nothing there says where it comes from. Who may read it here gets no second copy.
republish-propose = Ask its author for consent
republish-own = Publish
republish-asked = The moderators ask you whether your message may be published in { $name } too, which everybody can read.
republish-accept = Accept
republish-decline = Refuse
republish-waits = Proposed for { $name }: its author has not answered yet.
republish-declined = Its author prefers that it stays here.
republish-done = Published in { $name } too
notification-asks = Your consent is asked
also-title = Also addressed to
also-hint = Other communities of this instance, ten at most. It is one thread: who is in several gets it once. It goes no farther from there.
also-closed = for its members only
also-unplaced = This thread is not in { $name }.
reach-addressed = addressed there too
reach-title = Where else it may be read
reach-hint = At most: then the moderators and the settings of each community decide. The message is not copied into the other communes.
reach-above = above
reach-beside = beside
reach-down = { $count ->
    [one] The community that is part of it
   *[other] The { $count } communities that are part of it
}
linked-communities = Around it
map-of = Map of the links of { $name }:
map-communities = { $count ->
    [one] { $count } community
   *[other] { $count } communities
}
map-more = { $count ->
    [one] and { $count } other
   *[other] and { $count } others
}
reach-home = here
reach-below = below
reach-asks = its moderators will decide
preview-readers = See who will read it
preview-hint = Nothing is sent yet: first you see the communities, the servers and the number of people.
preview-title = Who will read this thread
preview-people = { $count ->
    [0] Nobody else of here is a member.
    [one] One person of here will have it, once (not counting you).
   *[other] { $count } people of here will have it, each once (not counting you).
}
preview-places = Communities where it may be read, at most
preview-cut = More may follow: the list is cut.
preview-missed = Nothing that you chose leads to { $name }: choose the community between the two as well.
preview-hosts = Other servers
preview-hosts-hint = Their communities, or members who live there, get it. Each applies its own rules.
preview-no-hosts = No other server has a member in these communities.
preview-text = What will be published
preview-back = Back to the text
twin-title = Somebody has already published this text
twin-lead = Who follows both communities would read it twice. You can answer in the first thread rather than open a second one.
twin-send-hint = You can also propose this first thread to { $name }: it is the same thread, and everybody has it once.
twin-send = Propose the first thread to { $name }
twin-ask = To have it read in { $name } too, ask its author or the moderators.
twin-publish = Publish mine all the same
placement-waiting = waits for its moderators
placement-refused = was not accepted there
placement-withdrawn = not shown there any more
share-label = Offer this thread to a linked community
share-hint = Within what its author chose; the linked community decides whether to show it.
share-thread = Offer
reach-change = Change how far this thread goes
reach-change-hint = Farther: it is offered to the communities that you add. Less far: it is taken out of the others.
reach-nowhere = This community is linked with no other to which the thread could go.
reach-default = How far threads go by default
reach-default-hint = It holds for the next messages whose authors choose nothing, those from other software above all.
members-claimed = { $count ->
    [one] { $count } member, it says
   *[other] { $count } members, it says
}
members-unknown = number of members unknown
placements-link = Threads of other communities that ask to be shown
placements-title = Threads that ask to be shown
placements-hint = These threads come from other communities. You answer once, for all the communities that you tick.
no-placements = No thread is waiting.
placements-where = Your answer is for
placements-edited = shown already, changed since by its author
placements-ahead = not there yet: the answer will wait
placements-ahead-accepted = not there yet, accepted beforehand
placements-ahead-refused = not there yet, refused beforehand
placements-accept = Show it
placements-refuse = Refuse
## Subscriptions, timeline, notifications
timeline = My timeline
timeline-link = Read my timeline
timeline-empty = Nothing yet: join communities or follow people.
reasons = Because you follow:
less-of-this = Less of this
quiet = Do not show { $name } in my timeline
unquiet = Show { $name } in my timeline again
notifications = { $count ->
    [0] Notifications
   *[other] Notifications ({ $count })
}
notifications-title = Notifications
notifications-none = Nobody has answered or written to you yet.
notification-new = New:
older-notifications = Older notifications
subscriptions = Subscriptions
subscriptions-link = Choose what I get
by-mail = By mail
mail-off = This instance does not send mail yet. Your choice is kept.
once-hint = A thread is sent to you only once, even if it is in several of your communities: the fastest mode wins. You get replies if you are a member of the community it comes from, if they are addressed to you or if you follow the thread.
address-verified = This address is confirmed.
address-unverified = This address is not confirmed yet: nothing is sent to it. The first mode that you choose sends you a link to confirm it.
address-asked = A link to confirm is on its way to { $name }.
address-change = Change the address, or ask for the link again
address-label = Address for your mail
address-hint = We send a link there; nothing changes until it is opened. Two accounts with the same address get a single mail.
address-button = Send the link
address-title = Confirm an address
address-ask = Do you want to get at { $name } the messages that you chose on this instance?
address-confirm = Yes, confirm the address
address-confirmed = The address { $name } is confirmed.
joining-link = I already receive mail from another server
joining-title = One mail instead of two
joining-ask = If another server writes to you at the same address already, it can also send you what you get from { $name }: each message will reach you once.
joining-server = Name of the other server
joining-server-hint = For example lamastre.fr. We send you a mail to confirm; nothing changes before.
joining-ask-button = Get the mail to confirm
joining-asked = A mail of { $name } is on its way: open the link in it.
joining-mailbox = This is about the address { $name }.
joining-question-there = Do you want { $name } alone to send you what you get from here? You will follow your open communities there; what is for members still comes from here.
joining-yes-there = Yes, { $name } sends alone
joining-question-here = Do you want us to send you what you got from { $name }? Your account here will follow the communities that you follow there.
joining-yes-here = Yes, send what comes from { $name } too
joining-carry = Noted. It remains to confirm it with { $name }, where we send you now.
joining-onward = Go on at { $name }
joining-take = You want to get from here what you get from { $name }.
joining-take-mail = The address where we write to you
joining-take-hint = The same as there. We send a link to it; nothing changes until it is opened.
joining-take-button = Get the link
joining-taken = If we write to that address already and it is the same, a mail is on its way: open the link in it.
joining-done = Done: we tell { $name }, and soon you get from here what came from there. You can undo it in your subscriptions.
joint-asked = { $name }: a mail waits for your confirmation.
joint-begun = { $name }: joining is under way.
joint-here = We also send what you got from { $name }.
joint-there = What you got from here is sent by { $name }, except what is for members.
joint-ending = { $name }: parting is under way; mail will come from here again.
joint-part = Do not join with { $name } any more
own-mode-label = Usually, for my communities
subscribed = My communities
mode-of = Mail of { $name }
mode-label = Mail of this community
as-usual = As usual ({ $name })
mode-immediate = each message at once
mode-daily = a digest a day
mode-weekly = a digest a week
mode-announcements = announcements of moderators only
mode-none = no mail
left = Communities that you left
left-hint = You left this community: threads that come from it are not sent to you by mail any more, even if they are also in another community of yours.
hear-again = Get them again by other communities: { $name }
muted = Muted people
mute = Mute
mute-person = Mute { $name }
mute-hint = Their messages will not come to your timeline, your mail or your notifications. They are not told.
unmute = Hear { $name } again
follow-thread = Follow this thread
unfollow-thread = Stop following this thread

# What communities hide that share a thread
reply-hidden = Reply hidden by moderators.
replies-hidden = { $count ->
    [one] One reply is hidden by the moderators of the community through which you read this thread.
   *[other] { $count } replies are hidden by the moderators of the communities through which you read this thread.
}
hide-link = Hide or show
hide-all-link = Hide or show all replies
hiding-title-one = Hide a reply
hiding-title-all = Hide the replies
hiding-hint-one = A hidden reply is hidden only from those who read the thread through that community. It stays visible in the community where it was written and elsewhere, and its author is not told.
hiding-hint-all = The replies, present and to come, are hidden only from those who read the thread through that community. They stay visible in the community where they were written and elsewhere.
hide-in = Hide in { $name }
show-again-in = Show again in { $name }
hidden-in = In { $name }:
hidden-by = hidden by { $name }.
all-hidden-by = all replies are hidden by { $name }.
hidden-by-ban = its author is banned from that community.
journal-reply_hidden = A reply to a shared thread is hidden
journal-reply_shown = A reply to a shared thread is shown again
journal-replies_hidden = The replies to a shared thread are hidden
journal-replies_shown = The replies to a shared thread are shown again

# Opening and closing a community
openness-label = Who reads it
openness-link = Open, close or hide the community
openness-of = Who reads { $name }
openness-open = Open: everybody reads it and may join it.
openness-closed = Closed: its members read it, and its moderators say who is one. Everybody may know that it exists.
openness-hidden = Hidden: as a closed one, and only those who are invited know that it exists.
turning-title = What changes
turning-stays = What is written already keeps its readers: what was public stays public, here and wherever it went; what was for members stays for those who were members then.
turning-closed-threads = If you close or hide it: new threads and new replies will be for members.
turning-links = { $count ->
    [0] It has no links with other communities.
    [one] Its link with another community ends.
   *[other] Its { $count } links with other communities end.
}
turning-placed = { $count ->
    [0] It shows no thread of another community.
    [one] One thread of another community will not be shown here any more.
   *[other] { $count } threads of other communities will not be shown here any more.
}
turning-members = { $count ->
    [0] It has no member.
    [one] One person stays a member and will read what is written here.
   *[other] { $count } people stay members and will read what is written here.
}
turning-leaving = { $count ->
    [one] One person will not be a member any more: their server is not known to keep what is for members.
   *[other] { $count } people will not be members any more: their servers are not known to keep what is for members.
}
turning-open-threads = If you open it: everybody will read new threads, and may join.
turning-open-members = Whoever joins afterwards will not read what was written for members before.
turning-confirm = I have read what changes
turning-unconfirmed = Tick the box to confirm.
journal-community_open = The community is open
journal-community_closed = The community is closed
journal-community_hidden = The community is hidden

# Making a community
creation-title = Make a community
creation-display-name = Title
creation-name = Name in the address
creation-name-hint = Lower-case letters without accents, digits, hyphens. It cannot be changed afterwards.
creation-presentation = Presentation (optional)
creation-posting = Who writes in it
creation-territory = Territory (optional)
creation-territory-hint = Official code, if it stands for a territory: 07186 for a commune, region:84 for a region.
creation-make = Make the community
