# Ce que disent les pages. Une phrase par ligne ; les messages des personnes ne sont jamais traduits.
language-name = Français
skip = Aller au contenu
account = Compte
go-home = Revenir à l’accueil
powered = Ce site est une instance de Clocher, un logiciel libre (AGPL-3.0).
licence = Licence des données
date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year } à { $hour } h { $minute }
error-in = Erreur : { $name }

## Territoires
level-hamlet = hameau
level-commune = commune
level-epci = intercommunalité
level-arrondissement = arrondissement
level-departement = département
level-region = région
place-code = { $level }, code { $code }
inhabitants = { $count ->
    [one] { $number } habitant
   *[other] { $number } habitants
}
territory = Territoire
claim-claimed = Dit représenter { $name }. Ce n’est pas confirmé.
claim-contested = Dit représenter { $name }, mais d’autres le disent aussi. Ce n’est pas confirmé.
claim-rejected = Dit représenter { $name }. L’administration de ce site ne le reconnaît pas.
claim-changed = Dit maintenant représenter { $name }. Ce n’est pas confirmé.
claim-dropped = Dit maintenant ne plus représenter de territoire.
claims-title = Territoires à confirmer
claims-hint = Des communautés d’ailleurs disent représenter un territoire, et aucune communauté reconnue au-dessus d’elles ne le confirme. Confirmez celles que vous connaissez : appelez la mairie en cas de doute.
claims-none = Rien n’est à confirmer.
claims-others = Le disent aussi :
claims-confirm = Oui, { $name } représente { $other }
claims-reject = Non, { $name } ne représente pas { $other }

## Accueil et listes
newest-threads = Derniers fils de discussion
communities-here = Communautés d’ici
communities-elsewhere = Communautés d’ailleurs
members = { $count ->
    [one] { $count } membre
   *[other] { $count } membres
}
followers = { $count ->
    [one] { $count } personne abonnée
   *[other] { $count } personnes abonnées
}
replies = { $count ->
    [0] Aucune réponse
    [one] { $count } réponse
   *[other] { $count } réponses
}
in = dans
in-community = Dans
no-threads = Aucun fil de discussion pour l’instant.
older-threads = Fils plus anciens
message-of = Message de { $name }
find-title = Suivre une communauté ou une personne d’ailleurs
find-label = Identifiant ou adresse
find-hint = Par exemple @mairie@commune.example, ou l’adresse de sa page.
find-button = Chercher
find-nothing = Personne ne répond à ce nom. Vérifiez l’identifiant : il s’écrit @nom@serveur.
find-signed-out = Nous ne connaissons pas encore cet identifiant. Connectez-vous pour que nous le demandions à son serveur.

## Communautés et personnes
original-page = Page d’origine
taking-part = Participer
moderators = Modération
posting-everybody = Tout le monde peut y écrire.
posting-members = Seuls les membres y écrivent.
posting-moderators = Seule la modération y ouvre des fils ; tout le monde peut répondre.
join = Rejoindre
leave = Quitter
withdraw-request = Retirer la demande
follow = Suivre
unfollow = Ne plus suivre
accepted = membre
requested = demande envoyée
not-joined = Vous n’êtes pas membre.
join-requested = Votre demande est partie ; l’autre serveur n’a pas encore répondu.
joined = Vous êtes membre.
not-followed = Vous ne suivez pas cette personne.
follow-requested = Votre demande est partie ; elle attend une réponse.
followed = Vous suivez cette personne.
has-moved-to = Cette personne a déménagé vers
has-moved = Cette personne a déménagé.
sign-in-to-join = Se connecter pour rejoindre
sign-in-to-follow = Se connecter pour suivre
join-from-elsewhere = Vous avez un compte sur Mastodon, Lemmy ou un autre serveur ? Cherchez-y { $name } pour participer de là-bas.
this-is-you = C’est votre page.
joined-title = Ce que vous suivez
joined-nothing = Vous ne suivez encore ni communauté ni personne.
threads = Fils de discussion
threads-of-person = Fils ouverts

## Messages
message-deleted = Message supprimé
original-message = Message d’origine
content-warning = Avertissement : { $name }
sensitive = Contenu sensible
edited = modifié le
reply-by = Réponse de { $name }
likes = { $count } pour
dislikes = { $count } contre
vote-like = Voter pour
vote-dislike = Voter contre
withdraw-like = Retirer mon vote pour
withdraw-dislike = Retirer mon vote contre
edit = Modifier
delete = Supprimer
thread-cut = Ce fil est très long : seules ses premières réponses sont montrées.
audience-public = Public : tout le monde pourra le lire sur le web.
audience-unlisted = Non répertorié : toute personne qui a l’adresse pourra le lire.
audience-followers = Seules les personnes abonnées à l’auteur pourront le lire.
audience-direct = Seules les personnes à qui il est adressé pourront le lire.
closed-community = Communauté fermée : ce qui s’y écrit est pour ses membres, que la modération admet.
hidden-community = Communauté cachée : seuls ses membres savent qu’elle existe, et la modération les invite.
request-waits = Vous avez demandé à entrer ; la modération n’a pas encore répondu.
ask-to-join = Demander à entrer
request-label = Un mot pour la modération, si vous voulez
ask-from-elsewhere = Vous avez un compte sur une autre instance de Clocher, ou sur Lemmy 1.0 ? Cherchez-y { $name } pour demander à entrer.
you-are-invited = Vous êtes invité à entrer.
accept-invitation = Accepter l’invitation
decline-invitation = Décliner
join-requests = Demandes d’entrée
no-join-requests = Personne n’attend de réponse.
accept-request = Admettre { $name }
refuse-request = Refuser { $name }
invitations = Invitations
withdraw-invitation = Retirer l’invitation de { $name }
invite-label = Identifiant de la personne à inviter, par exemple @nom@exemple.fr
invite = Inviter
members-title = Membres
no-members = Il n’y a pas encore de membre.
expel = Retirer { $name }
invitations-for-you = Vous êtes invité dans
audience-members = Seuls les membres pourront le lire.

## Écrire
new-thread = Nouveau fil
write-thread = Écrire un nouveau fil
title-label = Titre
text-label = Texte
markdown-hint = Vous pouvez mettre en forme avec Markdown : **gras**, *italique*, listes avec des tirets.
publish-thread = Publier le fil
reply-to = Répondre à { $name }
reply-label = Votre réponse
publish-reply = Publier la réponse
sign-in-to-reply = Se connecter pour répondre
edit-title = Modifier le message
save = Enregistrer
change-nothing = Revenir sans rien changer
delete-title = Supprimer ce message ?
delete-warning = Son texte sera effacé ici, et nous demanderons aux serveurs qui l’ont reçu de l’effacer aussi. C’est définitif.
delete-keeps-replies = Les réponses resteront.
delete-button = Supprimer le message

## Modération
message-removed = Message retiré par la modération
removal-reason = Motif : { $name }
read-removed = Lire le message retiré
locked = fermé aux réponses
featured = mis en avant
featured-threads = Fils mis en avant
moderate = Modérer
moderate-title = Modérer un message
report = Signaler
report-title = Signaler un message
report-hint = La modération de la communauté saura que c’est vous. Le serveur de l’auteur, s’il est ailleurs, saura seulement que quelqu’un d’ici l’a signalé.
report-reason = Qu’est-ce qui ne va pas ?
report-button = Envoyer le signalement
report-sent = Merci. Le signalement est transmis.
reason-label = Motif, que tout le monde pourra lire
remove-title = Retirer le message
remove-hint = Personne ne le verra plus ici, mais on pourra le rétablir. Nous le demanderons aux autres serveurs.
remove-button = Retirer le message
restore-button = Rétablir le message
lock-button = Fermer aux réponses
unlock-button = Rouvrir aux réponses
feature-button = Mettre en avant
unfeature-button = Ne plus mettre en avant
thread-state = Le fil
ban-title = Exclure { $name }
ban-hint = Cette personne ne pourra plus écrire, voter ni devenir membre ici.
ban-days = Pour combien de jours ? Laissez vide pour une durée illimitée.
ban-removes = Retirer aussi ses messages de la communauté
ban-button = Exclure
moderation-of = Modération de { $name }
moderate-community = Modérer la communauté
reports = Signalements
no-reports = Rien n’attend la modération.
reported-by = Signalé par { $name }
resolve = C’est réglé
bans = Exclusions
no-bans = Personne n’est exclu.
banned-until = jusqu’au
unban = Lever l’exclusion de { $name }
appoint-label = Identifiant de la personne à nommer, par exemple @nom@exemple.fr
appoint = Nommer
dismiss = Mettre fin à la charge de { $name }
staff-hint = Les personnes qui modèrent ou administrent l’instance modèrent toutes ses communautés.

## Connexion
sign-in = Se connecter
sign-out = Se déconnecter
sign-in-title = Connexion
sign-in-button = Se connecter
signed-in-as = Votre session est ouverte au nom de { $name }.
name-or-mail = Nom ou adresse électronique
password = Mot de passe
sign-in-by-link = Vous avez reçu un lien de connexion ? Ouvrez-le : il remplace le mot de passe. Sinon, demandez-en un à votre mairie.
sign-in-refused = Ce nom et ce mot de passe ne vont pas ensemble. Vérifiez-les et réessayez.
sign-in-link-refused = Ce lien de connexion a déjà servi ou a expiré. Demandez-en un nouveau, ou utilisez votre mot de passe.
link-is-for = Ce lien est celui de { $name }.
sign-in-as = Se connecter : { $name }
link-once = Le lien ne sert qu’une fois. Votre connexion durera 90 jours sur cet appareil.

## Refus des règles
refusal-invalid_name = Un nom s’écrit en minuscules sans accent, avec des chiffres, des tirets ou des tirets bas.
refusal-reserved_name = Ce nom est réservé.
refusal-name_taken = Ce nom est déjà pris.
refusal-invalid_mail = Ceci n’est pas une adresse électronique.
refusal-mail_taken = Cette adresse électronique a déjà un compte ici.
refusal-invalid_password = Le mot de passe doit avoir de 10 à 200 caractères.
refusal-empty_text = Il manque quelque chose : écrivez un texte, et un titre pour un nouveau fil.
refusal-text_too_long = Le texte est trop long.
refusal-title_too_long = Le titre est trop long : 200 caractères au plus.
refusal-not_the_author = Seule la personne qui a écrit ce message peut le changer.
refusal-not_a_member = Il faut être membre de cette communauté. Rejoignez-la d’abord.
refusal-not_a_moderator = Seule la modération de cette communauté peut le faire.
refusal-last_administrator = C’est la seule personne qui administre cette instance : nommez-en d’abord une autre.
refusal-last_moderator = C’est la seule personne qui modère cette communauté : nommez-en d’abord une autre.
refusal-is_moderator = Cette personne modère la communauté : mettez d’abord fin à sa charge.
refusal-banned = Cette personne est exclue de la communauté.
refusal-too_many_featured = La communauté met déjà 20 fils en avant : retirez-en un d’abord.
refusal-suspended = Ce compte est suspendu ici.
refusal-deleted = Cela a été supprimé.
refusal-removed = La modération a retiré ce message.
refusal-thread_locked = Ce fil est fermé : on ne peut plus y répondre.
refusal-not_found = Cette page n’existe pas, ou vous n’y avez pas accès.
refusal-own_vote = On ne vote pas pour son propre message.
refusal-own_follow = On ne se suit pas soi-même.
refusal-moved = Vous avez déménagé : écrivez depuis votre nouveau compte. Pour écrire de nouveau ici, revenez d’abord : « Mon compte », puis « Autres comptes et déménagement ».
refusal-moved_away = Ce compte a déménagé. Cherchez celui qui l’a remplacé.
refusal-moved_recently = Vous avez déménagé il y a moins de 30 jours : attendez avant de recommencer.
refusal-not_linked = Ce compte ne dit pas qu’il est aussi le vôtre. Connectez-vous-y, ajoutez-y votre compte d’ici comme alias, puis réessayez.
refusal-same_account = C’est le compte que vous utilisez en ce moment.
refusal-not_a_person = Ce compte n’est pas celui d’une personne.
refusal-too_many_aliases = Vous nommez déjà dix autres comptes : retirez-en un d’abord.
refusal-domain_blocked = Notre instance n’échange pas avec ce serveur.
refusal-no_server = Ceci ne nomme aucun autre serveur.
refusal-already_joined = Un autre serveur vous envoie déjà ces courriels, ou c’est nous qui vous envoyons les siens. Séparez-les d’abord dans vos abonnements.
refusal-too_many = Trop d’essais en peu de temps. Attendez une minute, puis réessayez.
refusal-not_possible = Ce n’est pas possible ici.
refusal-unknown_territory = Ce territoire n’est pas dans le code officiel géographique.
refusal-same_community = C’est la même communauté.
refusal-already_linked = Ces deux communautés sont déjà liées, autrement. Mettez d’abord fin à ce lien.
refusal-no_link = Il n’y a pas de lien actif entre ces deux communautés.
refusal-link_cycle = Ce lien ferait entrer une communauté dans elle-même.
refusal-path_broken = Aucun message ne suit ce chemin d’une communauté à l’autre.
refusal-beyond_reach = L’auteur ne laisse pas son message aller jusque-là.
refusal-not_accepted = Cette communauté n’accepte pas ce message par ce lien.
refusal-not_kept_closed = Rien n’assure que le serveur de cette personne garde pour les membres ce qui est écrit pour eux.
refusal-not_for_members = Ce message est adressé à une communauté réservée à ses membres, et aussi à d’autres ou à tout le monde. Où doit-il aller ? Choisissez soit la communauté fermée, seule, soit les communautés ouvertes.
refusal-too_many_addressed = Un message va à dix autres communautés au plus. Décochez-en.

## Pannes
failure-title = Cela n’a pas marché
failure-title-forbidden = Ce n’est pas permis
failure-title-not-found = Page introuvable
failure-title-gone = Page supprimée
failure-title-broken = Une panne de notre côté
failure-unavailable = Le site est très occupé. Réessayez dans un instant : rien n’est perdu.
failure-remote_failed = L’autre serveur ne répond pas, ou pas comme il faut. Réessayez plus tard.
failure-internal = Quelque chose s’est cassé, et nous l’avons noté. Réessayez plus tard.
failure-signed_out = Votre session n’est pas ouverte, ou a pris fin. Rien n’a été publié.
failure-foreign_form = Ce formulaire ne vient pas d’une page ouverte par vous dans cette session. Rien n’a été fait. Revenez à la page, rechargez-la et réessayez.
failure-too_large = C’est trop long pour être envoyé ici.
failure-malformed = Cette demande est incompréhensible. Revenez à la page précédente et réessayez.
failure-not_allowed = Cette adresse ne s’ouvre pas ainsi : elle sert aux formulaires.
typed-kept = Votre texte, pour que vous puissiez le copier
unknown-host-title = Aucune commune ici
unknown-host = Aucune commune n’est servie sous ce nom. Vérifiez l’adresse, ou demandez-la à votre mairie.

my-account = Mon compte
account-name = Nom de connexion
account-mail = Adresse électronique
choose-password = Choisir un mot de passe
password-none = Ce compte n’a pas de mot de passe : il se connecte par lien.
password-hint = Dix caractères au moins ; une phrase que vous retenez convient très bien. Vos autres appareils devront se reconnecter.
new-password = Nouveau mot de passe
choose-password-button = Enregistrer le mot de passe
password-chosen = Votre mot de passe est enregistré.

## Autres comptes et déménagement
moving-title = Autres comptes et déménagement
moving-link = Nommer mes autres comptes, ou déménager
aliases-title = Vos autres comptes
aliases-hint = Nommez ici les comptes d’autres serveurs qui sont aussi les vôtres. Vous pourrez alors déménager de là-bas vers ici : demandez-le sur l’ancien serveur. Tout le monde peut lire cette liste.
aliases-none = Vous n’avez nommé aucun autre compte.
alias-label = Votre autre compte
alias-hint = Son identifiant, par exemple @nom@exemple.fr, ou l’adresse de sa page. Dix comptes au plus.
alias-add = Ajouter ce compte
alias-remove = Retirer { $name }
alias-added = Le compte est ajouté.
alias-removed = Le compte est retiré.
departure-title = Déménager d’ici vers un autre compte
departure-hint = L’autre compte doit d’abord dire qu’il est aussi le vôtre : connectez-vous-y et ajoutez-y { $name } comme alias.
departure-label = Votre nouveau compte
departure-check-hint = Son identifiant, ou l’adresse de sa page. Nous vérifions, puis nous vous demandons confirmation.
departure-check = Vérifier ce compte
depart-title = Déménager vers { $name } ?
depart-followers = Les personnes qui vous suivent sont prévenues, et leurs serveurs leur font suivre le nouveau compte.
depart-messages = Vos messages restent ici. Vous pouvez toujours les lire, les modifier et les supprimer.
depart-memberships = Ce que vous suivez ne vient pas avec vous : rejoignez vos communautés depuis le nouveau compte.
depart-silence = Vous ne pouvez plus rien publier ici et personne d’autre ne peut se mettre à vous suivre, sauf si vous revenez.
depart-return = Vous pouvez revenir quand vous voulez, mais les personnes parties avec vous ne reviennent pas d’elles-mêmes, et il faut 30 jours avant de déménager de nouveau.
depart-button = Déménager
moving-done = Vous avez déménagé. Les personnes qui vous suivent sont prévenues.
you-moved-to = Vous avez déménagé vers
come-back = Je vis de nouveau ici
come-back-hint = Votre page ne renverra plus à l’autre compte, et vous pourrez de nouveau écrire ici. Les personnes parties avec vous ne reviennent pas d’elles-mêmes.
come-back-done = Vous vivez de nouveau ici.
may-move-from = Vous pourrez déménager de nouveau à partir du

## Liens entre communautés
links-link = Communautés liées et journal
feed-link = Tous les fils de { $name } et de ce qui s’y rattache
feed-title = { $name } et ses communautés
feed-lead = Les fils de discussion de { $name } et des communautés qui y sont rattachées, chacun une seule fois.
feed-from-elsewhere = Depuis Lemmy ou PieFed, suivez { $name } pour les recevoir tous ensemble.
feed-communities = Communautés réunies ici
feed-more = La liste complète est à la page des communautés liées.
links-of = Communautés liées à { $name }
links-hint = Un lien est décidé par les deux communautés, et chacune peut y mettre fin. Ce qui passe par un lien, chacune le choisit aussi.
links-upper = Fait partie de
links-lower = Regroupe
links-peer = Côte à côte avec
no-links = Aucune communauté pour l’instant.
links-asked = Liens proposés par d’autres communautés
links-proposed = Liens proposés, en attente de réponse
asked-upper = Cette communauté propose que la vôtre en fasse partie.
asked-lower = Cette communauté demande à faire partie de la vôtre.
asked-peer = Cette communauté propose un lien côte à côte.
relation-label = Ce que l’autre communauté est pour la vôtre
relation-upper = La nôtre en fait partie (la commune, de l’intercommunalité)
relation-lower = Elle fait partie de la nôtre (un hameau, une école, un club)
relation-peer = Elles sont côte à côte (une commune voisine, une association)
shares-label = Ce que votre communauté y envoie
shares-nothing = Rien
shares-author = Ce que les auteurs choisissent d’y envoyer
shares-moderator = Ce que votre modération choisit d’y envoyer
shares-everything = Tout ce que les auteurs permettent
accepts-label = Ce que votre communauté en reçoit
accepts-nothing = Rien
accepts-moderated = Ce que votre modération accepte, un message à la fois
accepts-everything = Tout, dans la limite de quelques messages par jour
own-shares-nothing = Rien n’y est envoyé.
own-shares-author = Y est envoyé ce que les auteurs choisissent.
own-shares-moderator = Y est envoyé ce que la modération choisit.
own-shares-everything = Y est envoyé tout ce que les auteurs permettent.
own-accepts-nothing = Rien n’en est reçu.
own-accepts-moderated = Ce qui en vient attend la modération.
own-accepts-everything = Tout ce qui en vient est reçu.
other-shares-nothing = Elle n’envoie rien.
other-shares-author = Elle envoie ce que ses auteurs choisissent.
other-shares-moderator = Elle envoie ce que sa modération choisit.
other-shares-everything = Elle envoie tout ce que ses auteurs permettent.
other-accepts-nothing = Elle ne reçoit rien.
other-accepts-moderated = Elle reçoit après modération.
other-accepts-everything = Elle reçoit tout.
link-accept = Accepter le lien avec { $name }
link-refuse = Refuser le lien avec { $name }
link-change = Modifier le lien avec { $name }
link-policy = Enregistrer ces choix
link-withdraws = Ne plus montrer ici ce qui est venu par ce lien
link-end = Mettre fin au lien avec { $name }
link-take-back = Retirer la proposition faite à { $name }
link-propose-title = Proposer un lien
link-handle-label = L’autre communauté
link-handle-hint = Son identifiant, par exemple @nom@exemple.fr, ou l’adresse de sa page. Sa modération devra accepter.
link-propose = Proposer ce lien
link-discover-title = Trouver les territoires voisins
link-discover-label = Adresse d’une instance voisine
link-discover-hint = Un lien est proposé à l’intercommunalité, aux départements ou aux communes qui ont une instance. Chacun l’accepte ou non.
link-discover = Chercher
journal-title = Journal
journal-hint = Tout le monde peut lire qui a décidé quoi, et quand.
journal-empty = Rien n’a encore été décidé.
journal-older = Plus ancien
journal-link_proposed = Lien proposé à { $name }
journal-link_asked = Lien proposé par { $name }
journal-link_agreed = Lien convenu avec { $name }
journal-link_refused = Lien refusé avec { $name }
journal-link_ended = Fin du lien avec { $name }
journal-link_unlisted = Fin du lien avec { $name }, qui ne l’a pas confirmé
journal-link_policy = Ce qui passe par le lien avec { $name } a changé
journal-link_cycle = Par le lien avec { $name }, la communauté fait partie d’elle-même
journal-link_merged = Fin du lien avec { $name } : l’une des deux communautés s’est fondue dans une autre
journal-merged_named = La communauté dit prendre la suite de { $name }
journal-merged_into = La communauté s’est fondue dans { $name }
journal-merged_from = { $name } s’est fondue dans cette communauté
merging-link = Fusion de communautés
merging-of = { $name } : fusion de communautés
merging-hint = Quand des communes fusionnent, leurs communautés peuvent n’en faire plus qu’une. La nouvelle dit d’abord de qui elle prend la suite ; puis chaque ancienne s’y fond. Il faut administrer le site pour en décider.
merging-became = Cette communauté s’est fondue dans { $name }.
merging-there = Voir sa page
merging-former = Communautés dont elle prend la suite
merging-no-former = Aucune.
merging-former-label = Une ancienne communauté
merging-former-hint = Son identifiant, par exemple @nom@exemple.fr, ou l’adresse de sa page. Elle pourra ensuite se fondre dans celle-ci.
merging-former-add = Dire qu’elle en prend la suite
merging-into = Se fondre dans une autre communauté
merging-into-hint = L’autre communauté doit d’abord dire qu’elle prend la suite de { $name }.
merging-into-label = La nouvelle communauté
merging-check-hint = Son identifiant, ou l’adresse de sa page. Nous vérifions, puis nous vous demandons confirmation.
merging-check = Vérifier
merging-not-named = Cette communauté ne dit pas prendre la suite de celle-ci. C’est à son administration de le dire d’abord.
merge-title = Fondre { $name } dans { $other } ?
merge-followers = Les personnes qui suivent l’ancienne communauté suivront la nouvelle.
merge-links = La nouvelle propose à nouveau chaque lien de l’ancienne. En attendant la réponse, ce lien fonctionne comme avant, pendant 90 jours au plus.
merge-address = L’adresse de l’ancienne communauté mène à la nouvelle.
merge-threads = Ce qui a été écrit reste dans l’ancienne, où chacun peut encore le lire.
merge-journal = Le journal public des deux communautés le dit. On ne peut pas revenir en arrière depuis cette page.
merge-button = Fondre les communautés
journal-relation-upper = (qui est au-dessus)
journal-relation-lower = (qui en fait partie)
journal-relation-peer = (côte à côte)
## Fils qui circulent entre communautés
also-read = Lu aussi dans
withdraw-from = Retirer de { $name }
republish-title = Publier aussi à l’ouvert
republish-label = Communauté ouverte
republish-hint = Le premier message seul, comme un nouveau fil : les réponses restent ici, et rien n’y dit d’où il vient. Qui peut le lire ici n’en reçoit pas un second exemplaire.
republish-propose = Demander l’accord de son auteur
republish-own = Publier
republish-asked = La modération vous demande si votre message peut être publié aussi dans { $name }, que tout le monde peut lire.
republish-accept = Accepter
republish-decline = Refuser
republish-waits = Proposé pour { $name } : son auteur n’a pas encore répondu.
republish-declined = Son auteur préfère qu’il reste ici.
republish-done = Publié aussi dans { $name }
notification-asks = Votre accord est demandé
also-title = Aussi adressé à
also-hint = D’autres communautés d’ici, dix au plus. C’est un seul fil : qui est dans plusieurs ne le reçoit qu’une fois. Il ne va pas plus loin à partir d’elles.
also-closed = réservée à ses membres
also-unplaced = Ce fil n’est pas dans { $name }.
reach-addressed = adressé là aussi
reach-title = Où il peut être lu aussi
reach-hint = Au plus loin : ensuite, la modération et les réglages de chaque communauté décident. Le message n’est pas recopié dans les autres communes.
reach-above = au-dessus
reach-beside = à côté
reach-down = { $count ->
    [one] La communauté qui en fait partie
   *[other] Les { $count } communautés qui en font partie
}
linked-communities = Autour d’elle
map-of = Plan des liens de { $name } :
map-communities = { $count ->
    [one] { $count } communauté
   *[other] { $count } communautés
}
map-more = { $count ->
    [one] et { $count } autre
   *[other] et { $count } autres
}
reach-home = ici
reach-below = en dessous
reach-asks = sa modération décidera
preview-readers = Voir qui le lira
preview-hint = Rien n’est encore envoyé : vous voyez d’abord les communautés, les serveurs et le nombre de personnes.
preview-title = Qui lira ce fil
preview-people = { $count ->
    [0] Personne d’autre d’ici n’est membre.
    [one] Une personne d’ici l’aura, une seule fois (sans vous compter).
   *[other] { $count } personnes d’ici l’auront, chacune une seule fois (sans vous compter).
}
preview-places = Communautés où il peut se lire, au plus
preview-cut = D’autres encore peuvent suivre : la liste est coupée.
preview-missed = Rien de ce que vous avez choisi ne mène à { $name } : choisissez aussi la communauté entre les deux.
preview-hosts = Autres serveurs
preview-hosts-hint = Leurs communautés, ou des membres qui y vivent, le reçoivent. Chacun applique ses propres règles.
preview-no-hosts = Aucun autre serveur n’a de membre dans ces communautés.
preview-text = Ce qui sera publié
preview-back = Revenir au texte
twin-title = Quelqu’un a déjà publié ce texte
twin-lead = Qui suit les deux communautés le lirait deux fois. Vous pouvez répondre au premier fil plutôt que d’en ouvrir un second.
twin-send-hint = Vous pouvez aussi proposer ce premier fil à { $name } : c’est le même fil, et chacun ne l’a qu’une fois.
twin-send = Proposer le premier fil à { $name }
twin-ask = Pour qu’il se lise aussi dans { $name }, demandez-le à son auteur ou à la modération.
twin-publish = Publier le mien quand même
placement-waiting = attend la modération
placement-refused = n’y a pas été accepté
placement-withdrawn = n’y est plus montré
share-label = Proposer ce fil à une communauté liée
share-hint = Dans les limites choisies par son auteur ; la communauté liée décide de l’accueillir.
share-thread = Proposer
reach-change = Changer jusqu’où va ce fil
reach-change-hint = Plus loin : il est proposé aux communautés ajoutées. Moins loin : il est retiré des autres.
reach-nowhere = Cette communauté n’est liée à aucune autre où le fil pourrait aller.
reach-default = Jusqu’où vont les fils, par défaut
reach-default-hint = Vaut pour les prochains messages dont l’auteur ne choisit rien, en particulier depuis d’autres logiciels.
members-claimed = { $count ->
    [one] { $count } membre, selon elle
   *[other] { $count } membres, selon elle
}
members-unknown = nombre de membres inconnu
placements-link = Fils d’autres communautés à accueillir
placements-title = Fils à accueillir
placements-hint = Ces fils viennent d’autres communautés. Vous répondez une fois, pour toutes les communautés que vous cochez.
no-placements = Aucun fil n’attend.
placements-where = Votre réponse vaut pour
placements-edited = déjà accueilli, modifié depuis par son auteur
placements-ahead = pas encore arrivé : la réponse attendra
placements-ahead-accepted = pas encore arrivé, accueilli d’avance
placements-ahead-refused = pas encore arrivé, refusé d’avance
placements-accept = Accueillir
placements-refuse = Refuser
## Abonnements, fil personnel, notifications
timeline = Mon fil
timeline-link = Lire mon fil
timeline-empty = Rien pour l’instant : rejoignez des communautés ou suivez des personnes.
reasons = Parce que vous suivez :
less-of-this = Moins de ceci
quiet = Ne plus montrer { $name } dans mon fil
unquiet = Montrer de nouveau { $name } dans mon fil
notifications = { $count ->
    [0] Notifications
   *[other] Notifications ({ $count })
}
notifications-title = Notifications
notifications-none = Personne ne vous a répondu ni écrit pour l’instant.
notification-new = Nouveau :
older-notifications = Notifications plus anciennes
subscriptions = Abonnements
subscriptions-link = Choisir ce que je reçois
by-mail = Par courriel
mail-off = Cette instance n’envoie pas encore de courriel. Votre choix est gardé.
once-hint = Un même fil ne vous est envoyé qu’une fois, même s’il est dans plusieurs de vos communautés : le mode le plus rapide l’emporte. Les réponses vous parviennent si vous êtes membre de la communauté d’origine, si elles vous sont adressées ou si vous suivez le fil.
address-verified = Cette adresse est confirmée.
address-unverified = Cette adresse n’est pas encore confirmée : rien n’y est envoyé. Le premier mode que vous choisissez vous envoie un lien de confirmation.
address-asked = Un lien de confirmation part vers { $name }.
address-change = Changer d’adresse, ou redemander le lien
address-label = Adresse où recevoir vos courriels
address-hint = Nous y envoyons un lien ; rien ne change tant qu’il n’est pas ouvert. Deux comptes qui ont la même adresse reçoivent un seul courriel.
address-button = Envoyer le lien
address-title = Confirmer une adresse
address-ask = Voulez-vous recevoir à { $name } les messages que vous avez choisis sur cette instance ?
address-confirm = Oui, confirmer l’adresse
address-confirmed = L’adresse { $name } est confirmée.
joining-link = Je reçois déjà des courriels d’un autre serveur
joining-title = Un seul courriel au lieu de deux
joining-ask = Si un autre serveur vous écrit déjà à la même adresse, il peut vous envoyer aussi ce que vous recevez de { $name } : chaque message ne vous parviendra qu’une fois.
joining-server = Nom de l’autre serveur
joining-server-hint = Par exemple lamastre.fr. Nous vous enverrons un courriel pour confirmer ; rien ne change avant.
joining-ask-button = Recevoir le courriel de confirmation
joining-asked = Un courriel de { $name } est en route : ouvrez le lien qu’il contient.
joining-mailbox = Il s’agit de l’adresse { $name }.
joining-question-there = Voulez-vous que { $name } vous envoie seul, désormais, ce que vous recevez d’ici ? Vous y suivrez vos communautés ouvertes ; ce qui est réservé aux membres vous viendra toujours d’ici.
joining-yes-there = Oui, { $name } enverra seul
joining-question-here = Voulez-vous que nous vous envoyions, désormais, ce que vous receviez de { $name } ? Votre compte d’ici suivra les communautés que vous y suivez.
joining-yes-here = Oui, envoyer aussi ce qui vient de { $name }
joining-carry = C’est noté. Il reste à confirmer auprès de { $name }, où nous vous envoyons.
joining-onward = Continuer sur { $name }
joining-take = Vous voulez recevoir d’ici ce que vous recevez de { $name }.
joining-take-mail = L’adresse où nous vous écrivons
joining-take-hint = La même que là-bas. Nous y envoyons un lien ; rien ne change tant qu’il n’est pas ouvert.
joining-take-button = Recevoir le lien
joining-taken = Si nous écrivons déjà à cette adresse et que c’est la même, un courriel est en route : ouvrez le lien qu’il contient.
joining-done = C’est fait : nous prévenons { $name }, et vous recevrez bientôt d’ici ce qui venait de là-bas. Vous pouvez revenir en arrière dans vos abonnements.
joint-asked = { $name } : un courriel attend votre confirmation.
joint-begun = { $name } : la mise en commun est en cours.
joint-here = Nous envoyons aussi ce que vous receviez de { $name }.
joint-there = Ce que vous receviez d’ici vous est envoyé par { $name }, sauf ce qui est réservé aux membres.
joint-ending = { $name } : la séparation est en cours ; les courriels reviendront d’ici.
joint-part = Ne plus mettre en commun avec { $name }
own-mode-label = En général, pour mes communautés
subscribed = Mes communautés
mode-of = Courriels de { $name }
mode-label = Courriels de cette communauté
as-usual = Comme en général ({ $name })
mode-immediate = chaque message aussitôt
mode-daily = un résumé par jour
mode-weekly = un résumé par semaine
mode-announcements = seulement les annonces de la modération
mode-none = aucun courriel
left = Communautés quittées
left-hint = Vous avez quitté cette communauté : les fils qui y ont leur origine ne vous sont plus envoyés par courriel, même s’ils sont aussi dans une autre de vos communautés.
hear-again = Les recevoir de nouveau par d’autres communautés : { $name }
muted = Personnes mises en sourdine
mute = Mettre en sourdine
mute-person = Mettre { $name } en sourdine
mute-hint = Ses messages ne viendront plus dans votre fil, vos courriels ni vos notifications. Cette personne n’en sait rien.
unmute = Entendre de nouveau { $name }
follow-thread = Suivre ce fil
unfollow-thread = Ne plus suivre ce fil

# Ce que masquent les communautés qui partagent un fil
reply-hidden = Réponse masquée par la modération.
replies-hidden = { $count ->
    [one] Une réponse est masquée par la modération de la communauté par laquelle vous lisez ce fil.
   *[other] { $count } réponses sont masquées par la modération des communautés par lesquelles vous lisez ce fil.
}
hide-link = Masquer ou montrer
hide-all-link = Masquer ou montrer toutes les réponses
hiding-title-one = Masquer une réponse
hiding-title-all = Masquer les réponses
hiding-hint-one = Une réponse masquée ne l’est que pour qui lit le fil par cette communauté. Elle reste visible dans la communauté d’origine et ailleurs, et son auteur n’en est pas averti.
hiding-hint-all = Les réponses, présentes et à venir, ne sont masquées que pour qui lit le fil par cette communauté. Elles restent visibles dans la communauté d’origine et ailleurs.
hide-in = Masquer dans { $name }
show-again-in = Montrer de nouveau dans { $name }
hidden-in = Dans { $name } :
hidden-by = masqué par { $name }.
all-hidden-by = toutes les réponses sont masquées par { $name }.
hidden-by-ban = son auteur est banni de cette communauté.
journal-reply_hidden = Une réponse à un fil partagé est masquée
journal-reply_shown = Une réponse à un fil partagé est montrée de nouveau
journal-replies_hidden = Les réponses à un fil partagé sont masquées
journal-replies_shown = Les réponses à un fil partagé sont montrées de nouveau

# Ouvrir et fermer une communauté
openness-label = Qui la lit
openness-link = Ouvrir, fermer ou cacher la communauté
openness-of = Qui lit { $name }
openness-open = Ouverte : tout le monde la lit et la rejoint.
openness-closed = Fermée : ses membres la lisent, et la modération dit qui en est membre. Tout le monde peut savoir qu’elle existe.
openness-hidden = Cachée : comme une communauté fermée, et seules les personnes invitées savent qu’elle existe.
turning-title = Ce qui change
turning-stays = Ce qui est déjà écrit ne change pas de lecteurs : ce qui était public le reste, ici et partout où c’est allé ; ce qui était pour les membres reste pour celles et ceux qui l’étaient alors.
turning-closed-threads = Si vous la fermez ou la cachez : les nouveaux fils et les nouvelles réponses seront pour les membres.
turning-links = { $count ->
    [0] Elle n’a aucun lien avec d’autres communautés.
    [one] Son lien avec une autre communauté prend fin.
   *[other] Ses { $count } liens avec d’autres communautés prennent fin.
}
turning-placed = { $count ->
    [0] Elle ne montre aucun fil venu d’ailleurs.
    [one] Un fil venu d’une autre communauté n’y sera plus montré.
   *[other] { $count } fils venus d’autres communautés n’y seront plus montrés.
}
turning-members = { $count ->
    [0] Elle n’a pas de membre.
    [one] Une personne reste membre et lira ce qui s’y écrit.
   *[other] { $count } personnes restent membres et liront ce qui s’y écrit.
}
turning-leaving = { $count ->
    [one] Une personne n’en sera plus membre : rien n’assure que son serveur garde ce qui est pour les membres.
   *[other] { $count } personnes n’en seront plus membres : rien n’assure que leurs serveurs gardent ce qui est pour les membres.
}
turning-open-threads = Si vous l’ouvrez : tout le monde lira les nouveaux fils, et pourra la rejoindre.
turning-open-members = Qui la rejoint ensuite ne lira pas ce qui a été écrit avant pour les membres.
turning-confirm = J’ai lu ce qui change
turning-unconfirmed = Cochez la case pour confirmer.
journal-community_open = La communauté est ouverte
journal-community_closed = La communauté est fermée
journal-community_hidden = La communauté est cachée

# Créer une communauté
creation-title = Créer une communauté
creation-display-name = Titre
creation-name = Nom dans l’adresse
creation-name-hint = Lettres minuscules sans accent, chiffres, tirets. On ne peut plus le changer ensuite.
creation-presentation = Présentation (facultatif)
creation-posting = Qui y écrit
creation-territory = Territoire (facultatif)
creation-territory-hint = Code officiel, si elle représente un territoire : 07186 pour une commune, region:84 pour une région.
creation-make = Créer la communauté
