"""Language help is free: the sentence that U.S. health programs put into many languages (45 CFR 92.11).

English and those 15 that are spoken most by people who read English poorly (HHS sample taglines, shortened
by the number to call: staff give theirs once). Staff may replace each, for the languages of their state.
"""

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "fa"})


@dataclass(frozen=True, slots=True)
class Tagline:
    """A sentence of the notice, in a language, which calls itself `name`."""

    code: str
    name: str
    text: str

    @property
    def direction(self) -> str:
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"


DEFAULTS = (
    Tagline(
        "en",
        "English",
        "Do you need help in another language, or in a format such as large print? It is free. Ask us.",
    ),
    Tagline(
        "es",
        "Español",
        "ATENCIÓN: si habla español, tiene a su disposición servicios gratuitos de asistencia lingüística.",
    ),
    Tagline("zh-hans", "简体中文", "注意:如果您使用中文,您可以免费获得语言援助服务。"),
    Tagline(
        "vi",
        "Tiếng Việt",
        "CHÚ Ý: Nếu quý vị nói tiếng Việt, có các dịch vụ hỗ trợ ngôn ngữ miễn phí dành cho quý vị.",
    ),
    Tagline(
        "tl",
        "Tagalog",
        "PAUNAWA: Kung nagsasalita kayo ng Tagalog, maaari kayong gumamit ng mga serbisyo ng tulong sa wika "
        "nang walang bayad.",
    ),
    Tagline(
        "ko",
        "한국어",
        "주의: 한국어를 사용하시는 경우, 언어 지원 서비스를 무료로 이용하실 수 있습니다.",
    ),
    Tagline("ar", "العربية", "ملحوظة: إذا كنت تتحدث العربية، فإن خدمات المساعدة اللغوية تتوافر لك بالمجان."),
    Tagline(
        "ru",
        "Русский",
        "ВНИМАНИЕ: Если вы говорите на русском языке, вам доступны бесплатные услуги перевода.",
    ),
    Tagline(
        "ht", "Kreyòl ayisyen", "ATANSYON: Si w pale kreyòl ayisyen, gen sèvis èd pou lang ki gratis pou ou."
    ),
    Tagline(
        "fr",
        "Français",
        "ATTENTION : si vous parlez français, des services d’aide linguistique vous sont proposés "
        "gratuitement.",
    ),
    Tagline(
        "pl", "Polski", "UWAGA: Jeżeli mówisz po polsku, możesz skorzystać z bezpłatnej pomocy językowej."
    ),
    Tagline(
        "pt",
        "Português",
        "ATENÇÃO: se fala português, encontram-se disponíveis serviços linguísticos gratuitos.",
    ),
    Tagline(
        "it",
        "Italiano",
        "ATTENZIONE: se parla italiano, sono disponibili servizi di assistenza linguistica gratuiti.",
    ),
    Tagline(
        "de",
        "Deutsch",
        "ACHTUNG: Wenn Sie Deutsch sprechen, stehen Ihnen kostenlos sprachliche Hilfsdienste zur Verfügung.",
    ),
    Tagline("ja", "日本語", "注意事項:日本語を話される場合、無料の言語支援をご利用いただけます。"),
    Tagline("fa", "فارسی", "توجه: اگر به زبان فارسی گفتگو می‌کنید، تسهیلات زبانی به صورت رایگان فراهم است."),
)
