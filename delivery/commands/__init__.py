"""One module a command, named like it; its ``command`` function takes the options.

It returns the exit status, or raises a UserError; only it prints. What it needs beyond its
options it imports inside the function, so that no command pays for another's libraries.
A new command is a new module here and one line in ``delivery.cli.COMMANDS``.
"""
