"""Presets as files: export, and import from our own file, from other products' exports and from pasted code.

reading.py   bytes or a pasted text to `Reading`: which format it is in, and the presets found
formats/     one product's export a module: values of JSON to `Imported`, pure functions
snippets/    pasted code: read, never run
export.py    presets of the database to one file
storing.py   what was read to the database: all of it or nothing
"""
