"""The commands of ``cli``, a module a topic: each parses, wires the rooms together and prints.

With ``cli`` alone they read the environment, write to the terminal and exit. What is heavy is
imported inside the command that needs it: ``engine --help`` loads no numpy.
"""

VERSION = "0.1.0"
APP_FOLDER = "design-search-engine"  # of the user's own files, under the XDG folders
