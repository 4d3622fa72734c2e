"""The terminal's door: each command calls one function and prints what it answered.

Services are imported inside the commands, so that none waits for another's libraries.
Whatever reads the database brings it up to date first, so that any command may be the first one.
"""

from portal_app.cli.app import main as main
