demo-places = Three instances, two communes and their intercommunalité, and the people who live there. Each link signs in once, within seven days:
demo-password = Or, on the page “Sign in”: the first name (elodie, marius, nadia), or mairie in the communes and accueil in the Pays de Lamastre, and the password “{ $password }”.
demo-try =
    To try:
    1. Open http://{ $first }/c/velo-en-vallee-du-doux, sign in as Élodie and answer Marius: he reads you in Désaignes within two seconds.
    2. Signed in as Marius on http://{ $second }/, edit your message: the edit is seen in Lamastre and in the Pays de Lamastre.
    3. Ask what other servers see: curl -H 'Accept: application/activity+json' --resolve '{ $third }:127.0.0.1' http://{ $third }/c/cc-du-pays-de-lamastre
demo-stop = Data: { $folder }. Ctrl-C stops everything.
demo-folder-occupied = This folder holds real instances: choose another one with --data. { $folder }
demo-other-port = This example was made on port { $port }: start it with --listen 127.0.0.1:{ $port }.
demo-late = The example did not come about: { $what } did not arrive in time from one instance to another.
demo-loopback-only = This example has a password that everybody knows: it listens on this machine only. Start it with --listen 127.0.0.1:{ $port }, or with another folder.
