"""What runs the whole stack on one machine: emulator, deployer, local issuer.

Knows the templates and the emulators; knows no service.
"""
