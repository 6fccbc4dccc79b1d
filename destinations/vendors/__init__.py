"""Who can tell us, by slug."""

from destinations.vendors.athenahealth import AthenahealthChanges
from destinations.vendors.contract import Vendor
from destinations.vendors.generic import SignedWebhook
from destinations.vendors.hl7 import Hl7Messages
from destinations.vendors.hubspot import HubSpotEvents
from destinations.vendors.mailchimp import MailchimpEvents
from destinations.vendors.salesforce import SalesforceFlow
from destinations.vendors.segment import SegmentEvents
from destinations.vendors.sendgrid import SendGridEvents
from destinations.vendors.twilio import TwilioMessages

VENDORS: dict[str, Vendor] = {
    each.slug: each
    for each in (
        SendGridEvents(),
        MailchimpEvents(),
        HubSpotEvents(),
        SalesforceFlow(),
        TwilioMessages(),
        SegmentEvents(),
        SignedWebhook(),
        Hl7Messages(),
        AthenahealthChanges(),
    )
}
