"""How the service is spoken to over HTTP; nothing here knows what an offence is."""
