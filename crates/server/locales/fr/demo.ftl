demo-places = Trois instances, deux communes et leur intercommunalité, et les gens qui y habitent. Chaque lien connecte une fois, pendant sept jours :
demo-password = Ou bien, sur la page « Se connecter » : le prénom (elodie, marius, nadia), ou mairie dans les communes et accueil au Pays de Lamastre, et le mot de passe « { $password } ».
demo-try =
    À essayer :
    1. Ouvrez http://{ $first }/c/velo-en-vallee-du-doux, connectez-vous comme Élodie et répondez à Marius : il vous lit à Désaignes en moins de deux secondes.
    2. Connecté comme Marius sur http://{ $second }/, corrigez votre message : la correction se voit à Lamastre et au Pays de Lamastre.
    3. Demandez ce que voient les autres serveurs : curl -H 'Accept: application/activity+json' --resolve '{ $third }:127.0.0.1' http://{ $third }/c/cc-du-pays-de-lamastre
    4. Emboîtement : « Lac de Retourtour : la passerelle est fermée » est écrit au hameau et se lit aussi à Lamastre et au Pays de Lamastre ; Élodie, qui est dans les trois, l'a une fois : http://{ $first }/home
    5. « Transport à la demande » descend du Pays de Lamastre vers les communes et le hameau. Écrivez un message sur http://{ $first }/c/hameau-de-retourtour : avant d'envoyer, « Voir qui le lira » vous dit exactement où il peut aller et qui le lira.
    6. Le plan des liens se voit sur http://{ $third }/c/cc-du-pays-de-lamastre, et se règle (connecté comme accueil) sur http://{ $third }/c/cc-du-pays-de-lamastre/links
    7. http://{ $first }/c/conseil-municipal est fermée : la mairie de Lamastre et Élodie y lisent une séance que Marius, Nadia et vous, non connecté, ne voyez nulle part.
demo-stop = Données : { $folder }. Ctrl-C arrête tout.
demo-folder-occupied = Ce dossier contient de vraies instances : choisissez-en un autre avec --data. { $folder }
demo-other-port = Cet exemple a été créé sur le port { $port } : relancez-le avec --listen 127.0.0.1:{ $port }.
demo-late = L'exemple n'a pas abouti : { $what } n'est pas arrivé à temps d'une instance à l'autre.
demo-loopback-only = Cet exemple a un mot de passe connu de tous : il n'écoute que sur cette machine. Relancez-le avec --listen 127.0.0.1:{ $port }, ou avec un autre dossier.
