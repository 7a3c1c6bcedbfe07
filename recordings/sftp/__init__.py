"""A PBX's recordings folder on another host, fetched over SFTP.

`addresses` and `keys` are light; the others load the SSH library, and are imported where an
address is one of SFTP.
"""
