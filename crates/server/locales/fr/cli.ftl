# La ligne de commande, en français.

about = Clocher : un serveur fédéré pour les communes
about-demo = Lance un exemple vivant : trois instances fédérées dans un processus
about-init = Crée une instance : dossier, base, territoire, administrateur
about-serve = Sert toutes les instances du dossier de données
about-territory = Territoires officiels : communes, EPCI, départements, régions
about-territory-search = Cherche des territoires par nom, code ou code postal
about-territory-show = Montre un territoire : code, niveau, parents, population
about-user = Comptes d'une instance
about-user-add = Crée un compte et affiche son lien de connexion
about-user-list = Liste les comptes
about-user-reset = Affiche un nouveau lien de connexion, à usage unique, pour un compte
about-user-suspend = Suspend un compte et ferme ses sessions, ou lève la suspension
about-user-role = Donne un autre rôle à un compte
about-community = Communautés d'une instance
about-community-add = Crée une communauté
about-community-list = Liste les communautés
about-community-predecessor = Déclare de quelle communauté une autre prend la suite
about-community-merge = Fond une communauté dans une autre, qui l'a déclarée : ceux qui la suivent suivent l'autre
about-domain = Domaines avec lesquels l'instance n'a rien à faire
about-domain-allow = Autorise un domaine, même sous un domaine bloqué
about-domain-block = Bloque un domaine et ceux au-dessous
about-domain-remove = Retire la règle d'un domaine
about-domain-list = Liste les règles
about-link = Liens entre les communautés d'ici et d'autres
about-link-propose = Propose un lien à une autre communauté
about-link-accept = Accepte le lien qu'une autre communauté propose
about-link-refuse = Refuse le lien qu'une autre communauté propose
about-link-end = Met fin à un lien, ou retire sa proposition
about-link-policy = Change ce qui passe par un lien
about-link-list = Liste les liens d'une communauté, et ceux qui attendent
about-link-journal = Affiche le journal d'une communauté
about-link-discover = Cherche, à partir d'une adresse, les instances des territoires voisins, et leur propose un lien
about-queue = Ce qui attend d'être livré ou fait
about-queue-list = Liste les effets, livraisons et tâches en attente
about-queue-retry = Relance tout de suite : une livraison ou une tâche, les livraisons d'un hôte, ou tout
about-queue-drop = Abandonne une livraison ou une tâche
about-channel = Courriel aux abonnés
about-channel-confirm = Confirme, après une restauration ou une copie, que cette base est la seule : l'envoi reprend
about-version = Affiche la version

help-commands = Commandes :
help-options = Options :
help-usage = Utilisation :
help-example = Exemple :

arg-help = Affiche cette aide
arg-version = Affiche la version
arg-json = Affiche du JSON
arg-data = Dossier de données ; par défaut /var/lib/clocher s'il existe, sinon ./clocher-data
arg-demo-data = Dossier où garder les données ; par défaut un dossier temporaire
arg-listen = Adresse et port d'écoute
arg-commune = Commune, par son code officiel ou son nom
arg-territory = Territoire officiel, par son code : 200073096, departement:07, region:84
arg-topical = Nom d'une instance sans territoire
arg-init-domain = Domaine de l'instance
arg-admin = Adresse électronique du premier administrateur
arg-admin-name = Nom du premier administrateur ; par défaut le début de son adresse
arg-language = Langue des pages quand le lecteur n'en demande aucune
arg-database = Base de données : « sqlite » (un fichier du dossier de l'instance) ou postgres://…
arg-neighbour = Adresse d'une instance voisine, où chercher celles des territoires voisins ; peut être répété
arg-address = Adresse ou domaine d'une instance
arg-instance = Domaine de l'instance, s'il y en a plusieurs
arg-words = Mots du nom, code ou code postal
arg-level = Seulement ce niveau : commune, epci, arrondissement, departement, region
arg-limit = Au plus ce nombre
arg-code = Code officiel, avec son niveau s'il est ambigu : region:84
arg-name = Nom ou adresse électronique du compte
arg-user-add-name = Nom du compte : lettres minuscules, chiffres, - et _
arg-community-add-name = Nom de la communauté : lettres minuscules, chiffres, - et _
arg-community-add-closed = Ses messages sont pour ses membres, que ses modérateurs admettent
arg-community-add-hidden = Seuls ses membres savent qu'elle existe ; ses modérateurs les invitent
arg-mail = Adresse électronique
arg-display-name = Nom affiché
arg-name-for-people = Nom affiché
arg-role = Rôle sur l'instance
arg-lift = Lève la suspension
arg-domain = Domaine
arg-reason = Pourquoi, à l'intention des administrateurs
arg-community = Nom de la communauté d'ici
arg-other = L'autre communauté : nom, !nom@domaine ou adresse
arg-end = Ce que la communauté d'ici est à l'autre : lower (elle en fait partie), upper (elle la contient), peer (côte à côte)
arg-shares = Ce qui y est envoyé : nothing, author (ce que les auteurs choisissent), moderator, everything
arg-accepts = Ce qui en est reçu : nothing, moderated (après modération), everything
arg-withdraw = Ne montre plus ici ce qui est venu par ce lien
arg-id = Numéro de la livraison ou de la tâche
arg-queue-retry-id = Numéro de la livraison ou de la tâche
arg-host = Seulement les livraisons à cet hôte
arg-send-old = Envoie aussi ce qui attendait avant l'arrêt

usage-unknown-argument = argument inattendu : { $argument }
usage-unknown-command = commande inconnue : { $command }
usage-missing-command = il manque une commande
usage-missing-argument = il manque : { $argument }
usage-missing-value = il manque une valeur après { $argument }
usage-invalid-value = { $value } n'est pas une valeur de { $argument }
usage-conflict = { $argument } ne va pas avec { $other }
usage-wrong = les arguments n'ont pas été compris
usage-meant = vouliez-vous dire { $value } ?
usage-possible = possibles : { $value }
usage-try = Pour en savoir plus, ajoutez --help.

file-failed = { $path } : { $error }
internal-failed = échec : { $error }
listen-failed = impossible d'écouter sur { $address } : { $error }

configuration-key = { $source } : clé inconnue { $key } ; la clé connue la plus proche est { $nearest }
configuration-variable = { $name } est sans effet : la variable est { $nearest }, avec deux tirets bas
configuration-value = { $source } : { $value } n'est pas une valeur de { $key } (attendu : { $expected })
configuration-syntax = { $source } : ce n'est pas du TOML : { $error }
configuration-not-overridden = Il y a plusieurs instances : l'environnement ne l'emporte sur aucun de leurs fichiers instance.toml.

instance-exists = L'instance { $domain } existe déjà : { $folder }. Rien n'a été changé.
instance-file-missing = { $path } : pas d'instance ici
instance-domain-missing = { $path } : il manque la clé domain
instance-folder-name = { $folder } contient l'instance de { $domain } : le dossier doit porter le nom de son domaine
instance-unknown = Pas d'instance { $domain } dans { $folder }. Il y a :
instance-none = Aucune instance dans { $folder } : créez-en une avec clocher init, ou indiquez le dossier avec --data.
instance-several = Il y a plusieurs instances : nommez-en une avec --instance.
instance-locked = Un autre processus sert déjà { $domain } : celui-ci ne la sert pas.

domain-invalid = { $domain } n'est pas un domaine : exemple lamastre.fr
topical-invalid = { $name } ne donne pas de nom utilisable pour une communauté : il faut des lettres ou des chiffres
database-invalid = { $source } : ce n'est pas une base de données : « sqlite » ou postgres://UTILISATEUR@HÔTE/NOM
database-occupied = Cette base contient déjà une instance. Rien n'a été changé.

commune-unknown = Aucune commune { $name }.
commune-unknown-proposed = Aucune commune { $name }. Les noms les plus proches :
commune-ambiguous = Plusieurs communes s'appellent { $name } : donnez le code.
territory-unknown = Aucun territoire officiel { $name }.
territory-unknown-proposed = Aucun territoire officiel { $name }. Les noms les plus proches :
territory-ambiguous = { $name } désigne plusieurs territoires : donnez le niveau et le code.
territory-retired = { $code }{ $was } n'est pas, ou n'est plus, le code d'une commune : { $successor } ({ $new }) la contient.
territory-nothing = Rien trouvé pour : { $words }
territory-name = nom
territory-code = code
territory-population = habitants
territory-siren = SIREN
territory-postal = codes postaux
level-hamlet = hameau
level-commune = commune
level-epci = EPCI
level-arrondissement = arrondissement
level-departement = département
level-region = région

init-done =
    { $name } est fondée à l'adresse { $domain }, dans { $folder }.
    Administrateur : { $administrator }. Pour se connecter, une seule fois, sous sept jours :
    { $link }
    Pour la servir : clocher serve --data { $data }

serve-empty = Aucune instance dans { $folder } pour l'instant : celle que créera clocher init sera servie en quelques secondes.
serve-nothing = Il ne reste aucune instance à servir.

user-added =
    { $name } a un compte ({ $role }). Pour se connecter, une seule fois, sous sept jours :
    { $link }
user-reset =
    { $name } peut se connecter, une seule fois, sous sept jours :
    { $link }
user-suspended = { $name } est suspendu.
user-lifted = { $name } n'est plus suspendu.
user-role-set = { $name } est désormais : { $role }
user-is-suspended = suspendu
community-added = { $display-name } ({ $name }) : { $address }
community-predecessor = { $community } prend la suite de { $other }, qui peut maintenant s'y fondre.
community-merged = { $community } est devenue { $other }. Ceux qui la suivaient suivent { $other }.
domain-allowed = { $domain } est autorisé.
domain-blocked = { $domain } et tout ce qui est au-dessous est bloqué.
domain-removed = { $domain } n'a plus de règle.
link-proposed = { $community } propose un lien à { $other }, qui doit l'accepter.
link-asked = { $other } propose un lien à { $community }, qui doit l'accepter.
link-active = { $community } et { $other } sont liées.
link-refused = { $community } et { $other } ne sont pas liées : le lien est refusé.
link-ended = Le lien de { $community } avec { $other } est terminé.
link-discovering = Les territoires voisins sont cherchés à partir de { $address } ; un lien est proposé à chacun de ceux qui existent.
link-relation-upper = au-dessus
link-relation-lower = au-dessous
link-relation-peer = côte à côte
link-state-proposed = proposé
link-state-asked = à accepter
link-state-active = actif
journal-link-proposed = proposé
journal-link-asked = proposé par l'autre
journal-link-agreed = convenu
journal-link-refused = refusé
journal-link-ended = terminé
journal-link-unlisted = terminé : l'autre ne l'a pas confirmé
journal-link-policy = ce qui passe a changé
journal-link-cycle = la communauté fait partie d'elle-même
queue-counts = { $effects } effets, { $deliveries } livraisons, { $jobs } tâches
queue-retried = À faire tout de suite : { $count } livraisons et tâches.
queue-dropped = { $id } est abandonné.
queue-nothing = Pas de livraison ni de tâche { $id } à relancer.
channel-confirmed = { $domain } peut de nouveau envoyer. Abandonnés : { $count }.

letter-digest = Résumé de { $name }
letter-confirmation = { $name } : confirmez votre adresse
letter-confirmation-text = Pour recevoir à cette adresse les messages de { $name }, ouvrez ce lien. Sinon, ne faites rien.
letter-joining = { $name } : un seul courriel au lieu de deux
letter-joining-there = Vous avez dit que { $domain } vous écrit déjà à cette adresse. Pour que { $domain } vous envoie seul désormais ce que vous recevez de { $name }, ouvrez ce lien. Si vous n’avez rien demandé, ne faites rien.
letter-joining-here = Vous avez demandé que { $name } vous envoie désormais ce que vous recevez de { $domain }. Pour confirmer, ouvrez ce lien. Si vous n’avez rien demandé, ne faites rien.
letter-elsewhere = Je reçois déjà des courriels d’un autre serveur :

refused-invalid-name = Ce nom n'est pas possible : lettres minuscules, chiffres, - et _ à l'intérieur.
refused-reserved-name = Ce nom est réservé.
refused-name-taken = Ce nom est pris, par une personne ou une communauté.
refused-invalid-mail = Ce n'est pas une adresse électronique.
refused-mail-taken = Cette adresse électronique a déjà un compte.
refused-text-too-long = Ce texte est trop long.
refused-not-found = Il n'y a rien de tel ici.
refused-not-possible = Ce n'est pas possible ici.
refused-last-administrator = C'est la seule personne qui administre cette instance : nommez-en d'abord une autre.
refused-suspended = Ce compte est suspendu.
refused-unknown-territory = Ce n'est pas un territoire officiel connu.
refused-same-community = C'est la même communauté.
refused-already-linked = Ces deux communautés sont déjà liées, autrement. Mettez d'abord fin à ce lien.
refused-no-link = Il n'y a pas de lien actif entre ces deux communautés.
refused-link-cycle = Ce lien ferait entrer une communauté dans elle-même.
refused-path-broken = Aucun message ne suit ce chemin d'une communauté à l'autre.
refused-beyond-reach = L'auteur ne laisse pas son message aller jusque-là.
refused-not-accepted = Cette communauté n'accepte pas ce message par ce lien.
refused-not-kept-closed = Rien n'assure que le serveur de cette personne garde pour les membres ce qui est écrit pour eux.
refused-not-for-members = Ce message nomme une communauté réservée à ses membres, et d'autres ou tout le monde.
