"""The categories that exist after `migrate` (DESIGN, section 7). Staff publish revisions of their own."""

from typing import Any

from preferences.mission_drafts import drafts_of
from preferences.terms import CategoryKind, OptInNeeds

ANYONE, PERSON = OptInNeeds.ANY.value, OptInNeeds.PERSON.value
WITH_NOTICE, SECOND_STEP = OptInNeeds.PERSON_WITH_NOTICE.value, OptInNeeds.PERSON_SECOND_STEP.value


def offer(channel: str, default: bool, needs: str, out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A channel of a category; `out` are the jurisdictions where nobody is in without having said so."""
    return {
        "channel": channel,
        "default": default,
        "elsewhere": dict.fromkeys(out, False),
        "needs": needs,
        "removed": False,
    }


def body(
    slug: str, order: int, texts: dict[str, dict[str, str]], offers: list[dict[str, Any]], **facts: Any
) -> dict[str, Any]:
    """The body of a category's revision, with everything said that may be said."""
    return {
        "slug": slug,
        "kind": CategoryKind.COMMUNICATION.value,
        "order": order,
        "marketing": False,
        "honours_signal": False,
        "sensitive": False,
        "required": False,
        "retired": False,
        "unknown_recipients": False,
        "opt_in_expires_days": None,
        "texts": texts | drafts_of(slug),
        "offers": offers,
        **facts,
    }


MISSION = [
    body(
        "marketing_emails",
        10,
        {
            "en": {
                "name": "Marketing emails",
                "description": "News about our services, classes and health events.",
                "example": "“Free heart-health class next Tuesday”",
                "how_often": "About twice a month",
            },
            "es": {
                "name": "Correos promocionales",
                "description": "Noticias sobre nuestros servicios, clases y eventos de salud.",
                "example": "“Clase gratis sobre la salud del corazón el próximo martes”",
                "how_often": "Unas dos veces al mes",
            },
        },
        [offer("email", True, PERSON, out=("CA-ON", "CA-QC"))],
        marketing=True,
    ),
    body(
        "appointment_reminders",
        20,
        {
            "en": {
                "name": "Appointment reminders",
                "description": "When and where your visit is, and how to prepare for it.",
                "example": "“Your visit is tomorrow at 9:30 am”",
                "how_often": "One to three before each visit",
            },
            "es": {
                "name": "Recordatorios de citas",
                "description": "Cuándo y dónde es su cita, y cómo prepararse para ella.",
                "example": "“Su cita es mañana a las 9:30 a. m.”",
                "how_often": "De uno a tres antes de cada cita",
            },
        },
        [offer("sms", True, ANYONE), offer("email", True, ANYONE), offer("phone", True, ANYONE)],
        unknown_recipients=True,
    ),
    body(
        "patient_surveys",
        30,
        {
            "en": {
                "name": "Patient surveys",
                "description": "Short questions about the care you had.",
                "example": "“How was your visit on Monday?”",
                "how_often": "At most one after a visit",
            },
            "es": {
                "name": "Encuestas para pacientes",
                "description": "Preguntas cortas sobre la atención que usted recibió.",
                "example": "“¿Cómo le fue en su cita del lunes?”",
                "how_often": "Como máximo, una después de cada cita",
            },
        },
        [offer("email", True, ANYONE), offer("sms", True, ANYONE)],
    ),
    body(
        "care_follow_ups",
        40,
        {
            "en": {
                "name": "Care follow-ups",
                "description": "How to look after yourself after a visit, and when a check is due.",
                "example": "“It is time for your yearly check-up”",
                "how_often": "A few times a year",
            },
            "es": {
                "name": "Seguimiento de su atención",
                "description": "Cómo cuidarse después de una cita y cuándo le toca un chequeo.",
                "example": "“Ya es hora de su chequeo anual”",
                "how_often": "Unas pocas veces al año",
            },
        },
        [offer(channel, True, ANYONE) for channel in ("sms", "email", "phone", "mail")],
    ),
    body(
        "phone_outreach",
        50,
        {
            "en": {
                "name": "Phone outreach",
                "description": "Calls and texts about programs that may suit you.",
                "example": "“We have a new walking group near you”",
                "how_often": "At most once a month",
            },
            "es": {
                "name": "Llamadas y mensajes sobre programas",
                "description": "Llamadas y mensajes de texto sobre programas que podrían servirle.",
                "example": "“Tenemos un nuevo grupo de caminata cerca de usted”",
                "how_often": "Como máximo, una vez al mes",
            },
        },
        [offer("phone", False, WITH_NOTICE), offer("sms", False, WITH_NOTICE)],
        marketing=True,
    ),
    body(
        "sale_or_sharing",
        60,
        {
            "en": {
                "name": "Sale or sharing of my information",
                "description": (
                    "Letting advertising companies use what they learn from your visits to our website."
                ),
                "example": "Ads for our clinics on other websites",
                "how_often": "While you use our website",
            },
            "es": {
                "name": "Venta o uso compartido de mi información",
                "description": (
                    "Dejar que empresas de publicidad usen lo que averiguan por sus visitas a nuestro "
                    "sitio web."
                ),
                "example": "Anuncios de nuestras clínicas en otros sitios web",
                "how_often": "Mientras usted usa nuestro sitio web",
            },
        },
        [offer("", True, SECOND_STEP, out=("US-NV", "US-WA"))],
        kind=CategoryKind.DATA_USE.value,
        honours_signal=True,
    ),
    body(
        "sensitive_data",
        70,
        {
            "en": {
                "name": "Use of my sensitive information",
                "description": (
                    "Using health details for more than your care and the running of our services."
                ),
                "example": "Choosing which news to show you",
                "how_often": "While we keep your information",
            },
            "es": {
                "name": "Uso de mi información sensible",
                "description": (
                    "Usar datos de salud para algo más que su atención y el funcionamiento de nuestros "
                    "servicios."
                ),
                "example": "Elegir qué noticias mostrarle",
                "how_often": "Mientras guardemos su información",
            },
        },
        [offer("", True, SECOND_STEP, out=("US-CO", "US-CT", "US-NV", "US-TX", "US-VA", "US-WA"))],
        kind=CategoryKind.DATA_USE.value,
        sensitive=True,
    ),
]
