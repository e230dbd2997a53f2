"""What comes in by file: offences, official returns, and street files of data.police.uk."""

from service.intake import offences, police_uk, returns

namespaces = (*offences.namespaces, *returns.namespaces, *police_uk.namespaces)
