"""The connectors there are, by slug."""

from destinations.connectors.athenahealth import Athenahealth
from destinations.connectors.csv import Csv
from destinations.connectors.fhir import Fhir
from destinations.connectors.five9 import Five9
from destinations.connectors.ga4 import Ga4
from destinations.connectors.genesys import Genesys
from destinations.connectors.google import Google
from destinations.connectors.google_events import GoogleEvents
from destinations.connectors.hl7 import Hl7
from destinations.connectors.http import Http
from destinations.connectors.http_address import HttpAddress
from destinations.connectors.hubspot import HubSpot
from destinations.connectors.mailchimp import Mailchimp
from destinations.connectors.manual import Manual
from destinations.connectors.meta import Meta
from destinations.connectors.meta_conversions import MetaConversions
from destinations.connectors.owner_email import OwnerEmail
from destinations.connectors.salesforce import Salesforce
from destinations.connectors.segment import Segment
from destinations.connectors.sendgrid import SendGrid
from destinations.connectors.webhook import Webhook
from destinations.contract import Connector

CONNECTORS: dict[str, Connector] = {
    each.slug: each
    for each in (
        SendGrid(),
        Salesforce(),
        Fhir(),
        Webhook(),
        Mailchimp(),
        HubSpot(),
        Genesys(),
        Five9(),
        Hl7(),
        Athenahealth(),
        Http(),
        HttpAddress(),
        Manual(),
        OwnerEmail(),
        Csv(),
        Meta(),
        Google(),
        MetaConversions(),
        Ga4(),
        GoogleEvents(),
        Segment(),
    )
}
