"""What somebody who started a demo is told: in words, and for scripts as a file."""

from collections.abc import Mapping
from typing import Any

from config.demo.doors import told_by_heed
from config.demo.environment import (
    ADMIN,
    base_url,
    mailbox_url,
    secrets_of,
    seen_from_here,
    systems_url,
    webhook_secrets_of,
    website_url,
)
from config.demo.home import Home


def visit(home: Home, port: int, sandboxes: Mapping[str, str]) -> dict[str, Any]:
    """Addresses, log-ins and keys of a demo that answers."""
    hospital = home.read("hospital.json")
    return {
        "base_url": base_url(port),
        "patient_url": base_url(port) + hospital["patient_path"],
        "patient_email": hospital["patient_email"],
        "systems_url": systems_url(sandboxes),
        "mailbox_url": mailbox_url(sandboxes),
        "website_url": website_url(port),
        "admin_url": base_url(port) + "/admin/",
        "admin_user": ADMIN,
        "admin_password": secrets_of(home)["admin_password"],
        "api_key": hospital["api_key"],
        "destinations": told_by_heed(sandboxes),
        "webhook_secrets": webhook_secrets_of(home),
    }


def welcome(told: Mapping[str, Any], home: Home) -> str:
    """Five links: a patient's page, what the systems hold, what Heed sent, the website, and the staff's."""
    return f"""
Heed is running. Open, side by side:

  a patient's page   {told["patient_url"]}
  the systems        {told["systems_url"]}?email={told["patient_email"]}
  mails and texts    {told["mailbox_url"]}
  the website        {told["website_url"]}
  staff              {told["admin_url"]}   user {told["admin_user"]}, password {told["admin_password"]}

Codes that a patient asks for come to *mails and texts*; the mails are files in {seen_from_here(home.mail)}.
Another command on these data:
python manage.py demo --data {seen_from_here(home.path)} --run doctor

Ctrl-C stops everything; the same command goes on with the same data.
"""
