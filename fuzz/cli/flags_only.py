#!/usr/bin/env python3
"""Does a script take these flags? Asked before what it wants is built, which takes minutes.

Job: flags_only.py SCRIPT FLAG...: runs the script as far as its argparse, so that its flags stand in one place. Exit 0: it takes them. Else as the
script itself, with its words; 10: it was asked for help, and gave it.
"""

import argparse
import runpy
import sys

sys.dont_write_bytecode = True  # the folder is the sources'

GAVE_HELP = 10
parse = argparse.ArgumentParser.parse_args
print_help = argparse.ArgumentParser.print_help


def parse_only(self, *arguments, **named):
    parse(self, *arguments, **named)
    sys.exit(0)


def help_only(self, *arguments):
    print_help(self, *arguments)
    sys.exit(GAVE_HELP)


argparse.ArgumentParser.parse_args = parse_only
argparse.ArgumentParser.print_help = help_only
sys.argv = sys.argv[1:]
sys.path[0] = sys.argv[0].rpartition("/")[0]
runpy.run_path(sys.argv[0], run_name="__main__")
sys.exit(f"{sys.argv[0]} has no argparse")
