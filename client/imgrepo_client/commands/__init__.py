"""The commands of ``imgrepo``, a module for each group; ``cli.COMMANDS`` says which is where."""
