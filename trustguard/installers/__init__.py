"""Installers that trustguard knows how to run against its own index."""
