# The command line, in English.

about = Clocher: a federated server for communes
about-demo = Starts a living example: three federated instances in one process
about-init = Creates an instance: folder, database, territory, administrator
about-serve = Serves every instance of the data folder
about-territory = Official areas: communes, EPCI, départements, régions
about-territory-search = Searches areas by name, code or postal code
about-territory-show = Shows an area: code, level, parents, population
about-user = Accounts of an instance
about-user-add = Makes an account and prints its sign-in link
about-user-list = Lists the accounts
about-user-reset = Prints a new one-time sign-in link for an account
about-user-suspend = Suspends an account and ends its sessions, or lifts the suspension
about-user-role = Gives an account another role
about-community = Communities of an instance
about-community-add = Makes a community
about-community-list = Lists the communities
about-community-predecessor = Declares which community another one succeeds
about-community-merge = Merges a community into another one, which has declared it: those who follow it follow the other
about-domain = Domains that the instance has nothing to do with
about-domain-allow = Allows a domain, even below a blocked one
about-domain-block = Blocks a domain and those below it
about-domain-remove = Removes the rule of a domain
about-domain-list = Lists the rules
about-link = Links between the communities of here and others
about-link-propose = Proposes a link to another community
about-link-accept = Accepts the link that another community proposes
about-link-refuse = Refuses the link that another community proposes
about-link-end = Ends a link, or takes its proposal back
about-link-policy = Changes what passes over a link
about-link-list = Lists the links of a community, and those that wait
about-link-journal = Shows the journal of a community
about-link-discover = Looks for the instances of the territories around, from an address on, and proposes a link to each
about-queue = What waits to be delivered or done
about-queue-list = Lists effects, deliveries and jobs that wait
about-queue-retry = Makes due now: one delivery or job, the deliveries to one host, or everything
about-queue-drop = Drops a delivery or a job
about-channel = Mail to subscribers
about-channel-confirm = Confirms, after a restore or a copy, that this database is the only one: sending goes on
about-version = Prints the version

help-commands = Commands:
help-options = Options:
help-usage = Usage:
help-example = Example:

arg-help = Print this help
arg-version = Print the version
arg-json = Print JSON
arg-data = Data folder; by default /var/lib/clocher if it exists, else ./clocher-data
arg-demo-data = Folder to keep the data in; by default a temporary one
arg-listen = Address and port to listen on
arg-commune = Commune, by its official code or its name
arg-territory = Official area, by its code: 200073096, departement:07, region:84
arg-topical = Name of an instance with no territory
arg-init-domain = Domain of the instance
arg-admin = Mail address of the first administrator
arg-admin-name = Name of the first administrator; by default what the mail address begins with
arg-language = Language of the pages when the reader asks for none
arg-database = Database: "sqlite" (a file in the folder of the instance) or postgres://…
arg-neighbour = Address of a neighbouring instance, where those of the territories around are looked for; may be repeated
arg-address = Address or domain of an instance
arg-instance = Domain of the instance, where there are several
arg-words = Words of the name, code or postal code
arg-level = Only this level: commune, epci, arrondissement, departement, region
arg-limit = At most this many
arg-code = Official code, with its level where it is ambiguous: region:84
arg-name = Name or mail address of the account
arg-user-add-name = Name of the account: lower-case letters, digits, - and _
arg-community-add-name = Name of the community: lower-case letters, digits, - and _
arg-community-add-closed = Its threads are for its members, whom its moderators let in
arg-community-add-hidden = Only its members know of it; its moderators invite them
arg-mail = Mail address
arg-display-name = Name for people
arg-name-for-people = Name for people
arg-role = Role on the instance
arg-lift = Lift the suspension
arg-domain = Domain
arg-reason = Why, for the administrators
arg-community = Name of the community of here
arg-other = The other community: name, !name@domain or address
arg-end = What the community of here is to the other: lower (part of it), upper (contains it), peer (side by side)
arg-shares = What is sent there: nothing, author (what authors choose), moderator, everything
arg-accepts = What is taken from there: nothing, moderated (after moderation), everything
arg-withdraw = No longer shows here what came by this link
arg-id = Number of the delivery or job
arg-queue-retry-id = Number of the delivery or job
arg-host = Only deliveries to this host
arg-send-old = Also sends what was waiting before the stop

usage-unknown-argument = unexpected argument: { $argument }
usage-unknown-command = unknown command: { $command }
usage-missing-command = a command is missing
usage-missing-argument = missing: { $argument }
usage-missing-value = a value is missing after { $argument }
usage-invalid-value = { $value } is not a value of { $argument }
usage-conflict = { $argument } does not go together with { $other }
usage-wrong = the arguments were not understood
usage-meant = did you mean { $value }?
usage-possible = possible: { $value }
usage-try = For more, add --help.

file-failed = { $path }: { $error }
internal-failed = failed: { $error }
listen-failed = cannot listen on { $address }: { $error }

configuration-key = { $source }: unknown key { $key }; the nearest known key is { $nearest }
configuration-variable = { $name } has no effect: the variable is { $nearest }, with two underscores
configuration-value = { $source }: { $value } is not a value of { $key } (expected: { $expected })
configuration-syntax = { $source }: not TOML: { $error }
configuration-not-overridden = There are several instances: the environment overrides none of their instance.toml files.

instance-exists = The instance { $domain } exists already: { $folder }. Nothing was changed.
instance-file-missing = { $path }: no such instance
instance-domain-missing = { $path }: the key domain is missing
instance-folder-name = { $folder } holds the instance of { $domain }: the folder must bear the name of its domain
instance-unknown = No instance { $domain } in { $folder }. There are:
instance-none = No instance in { $folder }: make one with clocher init, or name the folder with --data.
instance-several = There are several instances: name one with --instance.
instance-locked = Another process already serves { $domain }: not served by this one.

domain-invalid = { $domain } is not a domain: example lamastre.fr
topical-invalid = { $name } gives no usable name for a community: letters or digits are needed
database-invalid = { $source }: this is not a database: "sqlite" or postgres://USER@HOST/NAME
database-occupied = This database already holds an instance. Nothing was changed.

commune-unknown = No commune { $name }.
commune-unknown-proposed = No commune { $name }. The nearest names:
commune-ambiguous = Several communes are named { $name }: give the code.
territory-unknown = No official area { $name }.
territory-unknown-proposed = No official area { $name }. The nearest names:
territory-ambiguous = { $name } names several areas: give the level and the code.
territory-retired = { $code }{ $was } is not, or no longer, the code of a commune: { $successor } ({ $new }) contains it.
territory-nothing = Nothing found for: { $words }
territory-name = name
territory-code = code
territory-population = inhabitants
territory-siren = SIREN
territory-postal = postal codes
level-hamlet = hamlet
level-commune = commune
level-epci = EPCI
level-arrondissement = arrondissement
level-departement = département
level-region = région

init-done =
    { $name } is founded at { $domain }, in { $folder }.
    Administrator: { $administrator }. Sign in, once, within seven days:
    { $link }
    To serve it: clocher serve --data { $data }

serve-empty = No instance in { $folder } yet: one made by clocher init is served within seconds.
serve-nothing = No instance is left to serve.

user-added =
    { $name } has an account ({ $role }). Sign in, once, within seven days:
    { $link }
user-reset =
    { $name } may sign in, once, within seven days:
    { $link }
user-suspended = { $name } is suspended.
user-lifted = { $name } is suspended no more.
user-role-set = { $name } is now: { $role }
user-is-suspended = suspended
community-added = { $display-name } ({ $name }): { $address }
community-predecessor = { $community } succeeds { $other }, which can now be merged into it.
community-merged = { $community } has become { $other }. Those who followed it follow { $other }.
domain-allowed = { $domain } is allowed.
domain-blocked = { $domain } and all below it are blocked.
domain-removed = { $domain } has no rule any more.
link-proposed = { $community } proposes a link to { $other }, which must accept it.
link-asked = { $other } proposes a link to { $community }, which must accept it.
link-active = { $community } and { $other } are linked.
link-refused = { $community } and { $other } are not linked: the link is refused.
link-ended = The link of { $community } with { $other } is ended.
link-discovering = The territories around are looked for from { $address } on; a link is proposed to each that exists.
link-relation-upper = above
link-relation-lower = below
link-relation-peer = side by side
link-state-proposed = proposed
link-state-asked = to be accepted
link-state-active = active
journal-link-proposed = proposed
journal-link-asked = proposed by the other
journal-link-agreed = agreed
journal-link-refused = refused
journal-link-ended = ended
journal-link-unlisted = ended: the other did not confirm it
journal-link-policy = what passes has changed
journal-link-cycle = the community is part of itself
queue-counts = { $effects } effects, { $deliveries } deliveries, { $jobs } jobs
queue-retried = Due now: { $count } deliveries and jobs.
queue-dropped = { $id } is dropped.
queue-nothing = No delivery or job { $id } that could be tried now.
channel-confirmed = { $domain } may send again. Discarded: { $count }.

letter-digest = Digest of { $name }
letter-confirmation = { $name }: confirm your address
letter-confirmation-text = To get messages of { $name } at this address, open this link. Otherwise, do nothing.
letter-joining = { $name }: one mail instead of two
letter-joining-there = You said that { $domain } writes to you at this address already. To have { $domain } alone send you what you get from { $name }, open this link. If you asked for nothing, do nothing.
letter-joining-here = You asked that { $name } sends you what you get from { $domain }. To confirm, open this link. If you asked for nothing, do nothing.
letter-elsewhere = I already receive mail from another server:

refused-invalid-name = This name is not possible: lower-case letters, digits, - and _ within it.
refused-reserved-name = This name is reserved.
refused-name-taken = This name is taken, by a person or a community.
refused-invalid-mail = This is not a mail address.
refused-mail-taken = This mail address has an account already.
refused-text-too-long = This text is too long.
refused-not-found = There is no such thing here.
refused-not-possible = This is not possible here.
refused-last-administrator = Nobody else administers this instance: appoint somebody first.
refused-suspended = This account is suspended.
refused-unknown-territory = This is not a known official area.
refused-same-community = This is the same community.
refused-already-linked = These two communities are linked already, in another way. End that link first.
refused-no-link = There is no active link between these two communities.
refused-link-cycle = This link would nest a community in itself.
refused-path-broken = No message takes this path from one community to another.
refused-beyond-reach = The author does not let the message go that far.
refused-not-accepted = This community does not accept this message over this link.
refused-not-kept-closed = The server of this person is not known to keep for members what is written for them.
refused-not-for-members = This message names a community for members only, and others or everybody.
