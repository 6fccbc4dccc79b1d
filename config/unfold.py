"""The frame of the staff site, in the words of django-unfold's setting."""

from django.templatetags.static import static

FRAME = {
    "SITE_TITLE": "Heed",
    "SITE_HEADER": "Heed",
    "SITE_ICON": "/favicon.ico",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/favicon.ico"}],
    "COLORS": {
        "primary": {  # lightness and chroma of unfold's own scale, in Heed's teal
            "50": "oklch(97.7% .014 200)",
            "100": "oklch(94.6% .03 200)",
            "200": "oklch(90.2% .05 200)",
            "300": "oklch(82.7% .075 200)",
            "400": "oklch(71.4% .09 200)",
            "500": "oklch(55% .09 200)",
            "600": "oklch(45% .075 200)",
            "700": "oklch(40% .067 200)",
            "800": "oklch(35% .058 200)",
            "900": "oklch(30% .05 200)",
            "950": "oklch(24% .04 200)",
        }
    },
    "SHOW_HISTORY": False,
    "STYLES": [lambda request: static("preferences/admin.css")],
}
