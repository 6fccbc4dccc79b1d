"""Small real servers that speak the vendors' APIs: for the demo, the tests and try-outs by staff."""

from destinations.sandbox.athenahealth import AthenahealthSandbox
from destinations.sandbox.fhir import FhirSandbox
from destinations.sandbox.files import FilesSandbox
from destinations.sandbox.five9 import Five9Sandbox
from destinations.sandbox.ga4 import Ga4Sandbox
from destinations.sandbox.genesys import GenesysSandbox
from destinations.sandbox.google import GoogleSandbox
from destinations.sandbox.google_events import GoogleEventsSandbox
from destinations.sandbox.hl7 import Hl7Sandbox
from destinations.sandbox.http import HttpSandbox
from destinations.sandbox.hubspot import HubSpotSandbox
from destinations.sandbox.mailchimp import MailchimpSandbox
from destinations.sandbox.meta import MetaSandbox
from destinations.sandbox.meta_conversions import MetaConversionsSandbox
from destinations.sandbox.page import System
from destinations.sandbox.phones import PhonesSandbox
from destinations.sandbox.routes import running
from destinations.sandbox.salesforce import SalesforceSandbox
from destinations.sandbox.segment import SegmentSandbox
from destinations.sandbox.sendgrid import SendGridSandbox
from destinations.sandbox.server import Sandbox
from destinations.sandbox.systems import SystemsPage
from destinations.sandbox.tracker import Tracker
from destinations.sandbox.twilio import TwilioSandbox
from destinations.sandbox.webhook import WebhookSandbox

__all__ = [
    "AthenahealthSandbox",
    "FhirSandbox",
    "FilesSandbox",
    "Five9Sandbox",
    "Ga4Sandbox",
    "GenesysSandbox",
    "GoogleEventsSandbox",
    "GoogleSandbox",
    "Hl7Sandbox",
    "HubSpotSandbox",
    "HttpSandbox",
    "MailchimpSandbox",
    "MetaConversionsSandbox",
    "MetaSandbox",
    "PhonesSandbox",
    "SalesforceSandbox",
    "Sandbox",
    "SegmentSandbox",
    "SendGridSandbox",
    "System",
    "SystemsPage",
    "Tracker",
    "TwilioSandbox",
    "WebhookSandbox",
    "running",
]
