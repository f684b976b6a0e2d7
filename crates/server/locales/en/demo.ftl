demo-places = Three instances, two communes and their intercommunalité, and the people who live there. Each link signs in once, within seven days:
demo-password = Or, on the page “Sign in”: the first name (elodie, marius, nadia), or mairie in the communes and accueil in the Pays de Lamastre, and the password “{ $password }”.
demo-try =
    To try:
    1. Open http://{ $first }/c/velo-en-vallee-du-doux, sign in as Élodie and answer Marius: he reads you in Désaignes within two seconds.
    2. Signed in as Marius on http://{ $second }/, edit your message: the edit is seen in Lamastre and in the Pays de Lamastre.
    3. Ask what other servers see: curl -H 'Accept: application/activity+json' --resolve '{ $third }:127.0.0.1' http://{ $third }/c/cc-du-pays-de-lamastre
    4. Nesting: “Lac de Retourtour : la passerelle est fermée” is written in the hamlet and read in Lamastre and in the Pays de Lamastre too; Élodie, who is in all three, has it once: http://{ $first }/home
    5. “Transport à la demande” goes down from the Pays de Lamastre to the communes and the hamlet. Write a message on http://{ $first }/c/hameau-de-retourtour: before you send it, “See who will read it” says exactly where it may go and who will read it.
    6. The map of links stands on http://{ $third }/c/cc-du-pays-de-lamastre, and is set (signed in as accueil) on http://{ $third }/c/cc-du-pays-de-lamastre/links
    7. http://{ $first }/c/conseil-municipal is closed: the town hall of Lamastre and Élodie read a sitting there that Marius, Nadia and you, signed out, see nowhere.
demo-stop = Data: { $folder }. Ctrl-C stops everything.
demo-folder-occupied = This folder holds real instances: choose another one with --data. { $folder }
demo-other-port = This example was made on port { $port }: start it with --listen 127.0.0.1:{ $port }.
demo-late = The example did not come about: { $what } did not arrive in time from one instance to another.
demo-loopback-only = This example has a password that everybody knows: it listens on this machine only. Start it with --listen 127.0.0.1:{ $port }, or with another folder.
