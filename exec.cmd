@rem Windows has no `exec`. The scripts in package.json start with that word so that, elsewhere, the shell that npm starts
@rem steps aside and signals reach the program; cmd.exe finds this file in its place and just runs the rest of the line.
@%*
