"""Everything on one machine: servers from wheels, the four services, an emulator, a mailbox."""
