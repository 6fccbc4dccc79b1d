"""Language help, and aids for people with disabilities, are free: said in many languages (45 CFR 92.11).

English and those 15 that are spoken most by people who read English poorly. Each says what the sample
notice of HHS's Office for Civil Rights says: language assistance, free of charge; auxiliary aids and
services for accessible formats, free of charge; whom to call. Staff may replace each, for the languages
of their state.
"""

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "fa"})
ISOLATED = "\u2066{}\u2069"  # from left to right wherever it stands: digits alone have no direction (UAX 9)


@dataclass(frozen=True, slots=True)
class Tagline:
    """The notice in a language, which calls itself `name`. `call` ends it, or `ask` without a number."""

    code: str
    name: str
    text: str
    call: str
    ask: str

    @property
    def direction(self) -> str:
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"

    def whom(self, phone: str) -> str:
        """Where the help is to be had."""
        return self.call.format(phone=ISOLATED.format(phone)) if phone else self.ask


DEFAULTS = (
    Tagline(
        "en",
        "English",
        "You can get language assistance services free of charge. Aids and services that give you "
        "information in accessible formats, such as large print, are also free of charge.",
        "Call {phone}.",
        "Ask us.",
    ),
    Tagline(
        "es",
        "Español",
        "ATENCIÓN: Si habla español, tiene a su disposición servicios de asistencia lingüística sin "
        "costo. También ofrecemos sin costo ayudas y servicios auxiliares para darle la información en "
        "formatos accesibles.",
        "Llame al {phone}.",
        "Pregúntenos.",
    ),
    Tagline(
        "zh-hans",
        "简体中文",
        "注意：如果您讲中文，我们可免费为您提供语言协助服务，也可免费提供辅助工具和服务，以无障碍格式为您"
        "提供信息。",
        "请致电 {phone}。",
        "请向我们询问。",
    ),
    Tagline(
        "vi",
        "Tiếng Việt",
        "CHÚ Ý: Nếu quý vị nói tiếng Việt, chúng tôi có dịch vụ hỗ trợ ngôn ngữ miễn phí. Chúng tôi cũng "
        "có các phương tiện và dịch vụ hỗ trợ miễn phí để cung cấp thông tin ở định dạng dễ tiếp cận.",
        "Xin gọi {phone}.",
        "Xin hỏi chúng tôi.",
    ),
    Tagline(
        "tl",
        "Tagalog",
        "PAUNAWA: Kung nagsasalita kayo ng Tagalog, may makukuha kayong libreng serbisyo ng tulong sa "
        "wika. Libre rin ang mga angkop na pantulong na kagamitan at serbisyo para maibigay ang "
        "impormasyon sa mga format na madaling gamitin.",
        "Tumawag sa {phone}.",
        "Magtanong sa amin.",
    ),
    Tagline(
        "ko",
        "한국어",
        "주의: 한국어를 사용하시면 언어 지원 서비스를 무료로 이용하실 수 있습니다. 이용하기 쉬운 형식으로 "
        "정보를 제공하는 보조 기구와 서비스도 무료입니다.",
        "전화: {phone}",
        "저희에게 문의해 주세요.",
    ),
    Tagline(
        "ar",
        "العربية",
        "تنبيه: إذا كنت تتحدث العربية، فإن خدمات المساعدة اللغوية متاحة لك مجانًا. كما تتوفر مجانًا وسائل "
        "وخدمات مساعدة لتقديم المعلومات بأشكال يسهل الوصول إليها.",
        "يُرجى الاتصال بالرقم {phone}.",
        "يُرجى سؤالنا.",
    ),
    Tagline(
        "ru",
        "Русский",
        "ВНИМАНИЕ: Если вы говорите по-русски, вам бесплатно доступны услуги языковой помощи. "
        "Вспомогательные средства и услуги для получения информации в доступных форматах также "
        "предоставляются бесплатно.",
        "Звоните: {phone}.",
        "Обратитесь к нам.",
    ),
    Tagline(
        "ht",
        "Kreyòl ayisyen",
        "ATANSYON: Si w pale kreyòl ayisyen, gen sèvis èd pou lang ki disponib gratis pou ou. Gen èd ak "
        "sèvis adisyonèl ki gratis tou pou ba ou enfòmasyon nan fòma ki aksesib.",
        "Rele {phone}.",
        "Mande nou.",
    ),
    Tagline(
        "fr",
        "Français",
        "ATTENTION : si vous parlez français, des services d’assistance linguistique sont à votre "
        "disposition gratuitement. Des aides et services auxiliaires pour vous informer dans des formats "
        "accessibles sont aussi gratuits.",
        "Appelez le {phone}.",
        "Adressez-vous à nous.",
    ),
    Tagline(
        "pl",
        "Polski",
        "UWAGA: Jeśli mówią Państwo po polsku, mogą Państwo bezpłatnie skorzystać z pomocy językowej. "
        "Bezpłatne są także pomoce i usługi, dzięki którym informacje są dostępne w przystępnych "
        "formatach.",
        "Prosimy zadzwonić: {phone}.",
        "Prosimy zapytać nas.",
    ),
    Tagline(
        "pt",
        "Português",
        "ATENÇÃO: se fala português, estão à sua disposição serviços de assistência linguística "
        "gratuitos. Também são gratuitos os recursos e serviços auxiliares para prestar informações em "
        "formatos acessíveis.",
        "Ligue para {phone}.",
        "Fale conosco.",
    ),
    Tagline(
        "it",
        "Italiano",
        "ATTENZIONE: se parla italiano, sono a Sua disposizione servizi gratuiti di assistenza "
        "linguistica. Sono gratuiti anche gli ausili e i servizi per ricevere le informazioni in formati "
        "accessibili.",
        "Chiami il numero {phone}.",
        "Si rivolga a noi.",
    ),
    Tagline(
        "de",
        "Deutsch",
        "ACHTUNG: Wenn Sie Deutsch sprechen, stehen Ihnen kostenlose Sprachdienste zur Verfügung. Auch "
        "Hilfsmittel und Dienste, mit denen Sie Informationen in barrierefreien Formaten erhalten, sind "
        "kostenlos.",
        "Rufen Sie an: {phone}.",
        "Fragen Sie uns.",
    ),
    Tagline(
        "ja",
        "日本語",
        "注意：日本語を話される方は、言語支援サービスを無料でご利用いただけます。利用しやすい形式で情報を"
        "お伝えするための補助機器やサービスも無料です。",
        "お電話ください：{phone}",
        "お問い合わせください。",
    ),
    Tagline(
        "fa",
        "فارسی",
        "توجه: اگر به فارسی صحبت می‌کنید، خدمات کمک زبانی به‌صورت رایگان در دسترس شماست. وسایل و خدمات "
        "کمکی برای ارائهٔ اطلاعات در قالب‌های قابل‌دسترس نیز رایگان است.",
        "با شماره {phone} تماس بگیرید.",
        "از ما بپرسید.",
    ),
)
