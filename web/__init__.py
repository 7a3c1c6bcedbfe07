"""What people and programs see: pages, the live socket, the REST API and the command line."""
