"""The mission's categories in the languages that come as drafts: no patient reads them before staff's review.

Per language and category: name, what it is about, an example, how often.
"""

FIELDS = ("name", "description", "example", "how_often")

DRAFTS = {
    "zh-hans": {
        "marketing_emails": (
            "推广电子邮件",
            "有关我们的服务、课程和健康活动的消息。",
            "“下周二免费心脏健康课程”",
            "大约每月两次",
        ),
        "appointment_reminders": (
            "预约提醒",
            "您就诊的时间和地点，以及如何准备。",
            "“您的就诊时间是明天上午 9:30”",
            "每次就诊前一到三次",
        ),
        "patient_surveys": (
            "患者调查",
            "有关您所获医疗服务的简短问题。",
            "“您星期一的就诊情况如何？”",
            "每次就诊后最多一次",
        ),
        "care_follow_ups": (
            "就诊后随访",
            "就诊后如何照顾自己，以及何时需要检查。",
            "“您该做年度体检了”",
            "每年几次",
        ),
        "phone_outreach": (
            "有关项目的电话和短信",
            "有关可能适合您的项目的电话和短信。",
            "“您附近有新的步行小组”",
            "最多每月一次",
        ),
        "sale_or_sharing": (
            "出售或共享我的信息",
            "让广告公司使用它们通过您访问我们网站所了解到的信息。",
            "在其他网站上显示我们诊所的广告",
            "在您使用我们网站期间",
        ),
        "sensitive_data": (
            "使用我的敏感信息",
            "将健康信息用于您的医疗服务和我们服务运营以外的用途。",
            "选择向您显示哪些消息",
            "在我们保存您的信息期间",
        ),
    },
    "vi": {
        "marketing_emails": (
            "Email quảng bá",
            "Tin về các dịch vụ, lớp học và sự kiện sức khỏe của chúng tôi.",
            "“Lớp học miễn phí về sức khỏe tim mạch vào thứ Ba tới”",
            "Khoảng hai lần mỗi tháng",
        ),
        "appointment_reminders": (
            "Nhắc lịch hẹn",
            "Quý vị có hẹn khám khi nào, ở đâu và cần chuẩn bị gì.",
            "“Quý vị có hẹn khám lúc 9:30 sáng mai”",
            "Một đến ba lần trước mỗi lần khám",
        ),
        "patient_surveys": (
            "Khảo sát bệnh nhân",
            "Vài câu hỏi ngắn về việc chăm sóc mà quý vị đã nhận được.",
            "“Lần khám hôm thứ Hai của quý vị thế nào?”",
            "Nhiều nhất một lần sau mỗi lần khám",
        ),
        "care_follow_ups": (
            "Theo dõi sau khi khám",
            "Cách tự chăm sóc sau khi khám, và khi nào cần kiểm tra.",
            "“Đã đến lúc quý vị khám sức khỏe hằng năm”",
            "Vài lần mỗi năm",
        ),
        "phone_outreach": (
            "Cuộc gọi và tin nhắn về các chương trình",
            "Cuộc gọi và tin nhắn về các chương trình có thể hợp với quý vị.",
            "“Chúng tôi có một nhóm đi bộ mới gần quý vị”",
            "Nhiều nhất một lần mỗi tháng",
        ),
        "sale_or_sharing": (
            "Bán hoặc chia sẻ thông tin của tôi",
            "Cho phép các công ty quảng cáo dùng những gì họ biết được khi quý vị truy cập trang web của "
            "chúng tôi.",
            "Quảng cáo về phòng khám của chúng tôi trên các trang web khác",
            "Trong khi quý vị dùng trang web của chúng tôi",
        ),
        "sensitive_data": (
            "Sử dụng thông tin nhạy cảm của tôi",
            "Dùng thông tin sức khỏe cho những việc khác ngoài việc chăm sóc quý vị và vận hành dịch vụ của "
            "chúng tôi.",
            "Chọn tin nào để hiển thị cho quý vị",
            "Trong khi chúng tôi lưu giữ thông tin của quý vị",
        ),
    },
    "tl": {
        "marketing_emails": (
            "Mga email na promosyon",
            "Balita tungkol sa aming mga serbisyo, klase, at event para sa kalusugan.",
            "“Libreng klase sa kalusugan ng puso sa susunod na Martes”",
            "Mga dalawang beses sa isang buwan",
        ),
        "appointment_reminders": (
            "Mga paalala sa appointment",
            "Kung kailan at saan ang inyong pagpapatingin, at kung paano maghanda.",
            "“Bukas ng 9:30 ng umaga ang inyong pagpapatingin”",
            "Isa hanggang tatlo bago ang bawat pagpapatingin",
        ),
        "patient_surveys": (
            "Mga survey sa pasyente",
            "Maiikling tanong tungkol sa pangangalagang natanggap ninyo.",
            "“Kumusta ang pagpapatingin ninyo noong Lunes?”",
            "Hindi hihigit sa isa pagkatapos ng pagpapatingin",
        ),
        "care_follow_ups": (
            "Pagsubaybay sa pangangalaga",
            "Kung paano aalagaan ang sarili pagkatapos magpatingin, at kung kailan kailangang magpasuri.",
            "“Oras na para sa inyong taunang check-up”",
            "Ilang beses sa isang taon",
        ),
        "phone_outreach": (
            "Mga tawag at text tungkol sa mga programa",
            "Mga tawag at text tungkol sa mga programang maaaring bagay sa inyo.",
            "“May bago kaming grupo sa paglalakad malapit sa inyo”",
            "Hindi hihigit sa isang beses sa isang buwan",
        ),
        "sale_or_sharing": (
            "Pagbebenta o pagbabahagi ng aking impormasyon",
            "Pagpayag na gamitin ng mga kumpanya ng advertising ang nalalaman nila mula sa pagbisita ninyo "
            "sa aming website.",
            "Mga ad para sa aming mga klinika sa ibang website",
            "Habang ginagamit ninyo ang aming website",
        ),
        "sensitive_data": (
            "Paggamit ng aking sensitibong impormasyon",
            "Paggamit ng mga detalye ng kalusugan para sa iba pang bagay bukod sa inyong pangangalaga at "
            "sa pagpapatakbo ng aming mga serbisyo.",
            "Pagpili kung aling balita ang ipapakita sa inyo",
            "Habang hawak namin ang inyong impormasyon",
        ),
    },
    "ko": {
        "marketing_emails": (
            "홍보 이메일",
            "저희 서비스, 강좌, 건강 행사에 관한 소식입니다.",
            "“다음 주 화요일 무료 심장 건강 강좌”",
            "한 달에 두 번 정도",
        ),
        "appointment_reminders": (
            "예약 알림",
            "진료 시간과 장소, 준비 방법을 알려 드립니다.",
            "“내일 오전 9시 30분에 진료가 있습니다”",
            "진료 전마다 한 번에서 세 번",
        ),
        "patient_surveys": (
            "환자 설문조사",
            "받으신 진료에 관한 짧은 질문입니다.",
            "“월요일 진료는 어떠셨나요?”",
            "진료 후 최대 한 번",
        ),
        "care_follow_ups": (
            "진료 후 안내",
            "진료 후 건강을 돌보는 방법과 검진 시기를 알려 드립니다.",
            "“연례 건강 검진을 받으실 때입니다”",
            "일 년에 몇 번",
        ),
        "phone_outreach": (
            "프로그램 안내 전화와 문자",
            "도움이 될 만한 프로그램에 관한 전화와 문자 메시지입니다.",
            "“가까운 곳에 새 걷기 모임이 생겼습니다”",
            "한 달에 최대 한 번",
        ),
        "sale_or_sharing": (
            "내 정보의 판매 또는 공유",
            "저희 웹사이트 방문에서 알게 된 내용을 광고 회사가 사용하도록 허용합니다.",
            "다른 웹사이트에 표시되는 저희 병원 광고",
            "저희 웹사이트를 이용하시는 동안",
        ),
        "sensitive_data": (
            "내 민감한 정보의 사용",
            "진료와 서비스 운영 이외의 목적으로 건강 정보를 사용합니다.",
            "어떤 소식을 보여 드릴지 선택하기",
            "저희가 정보를 보관하는 동안",
        ),
    },
    "ar": {
        "marketing_emails": (
            "رسائل البريد الإلكتروني الترويجية",
            "أخبار عن خدماتنا ودوراتنا وفعالياتنا الصحية.",
            "«دورة مجانية عن صحة القلب يوم الثلاثاء القادم»",
            "نحو مرتين في الشهر",
        ),
        "appointment_reminders": (
            "تذكيرات المواعيد",
            "متى وأين زيارتك، وكيفية الاستعداد لها.",
            "«زيارتك غدًا في الساعة 9:30 صباحًا»",
            "من مرة إلى ثلاث مرات قبل كل زيارة",
        ),
        "patient_surveys": (
            "استبيانات المرضى",
            "أسئلة قصيرة عن الرعاية التي حصلت عليها.",
            "«كيف كانت زيارتك يوم الاثنين؟»",
            "مرة واحدة على الأكثر بعد كل زيارة",
        ),
        "care_follow_ups": (
            "متابعة الرعاية",
            "كيفية العناية بنفسك بعد الزيارة، ومتى يحين موعد الفحص.",
            "«حان وقت فحصك السنوي»",
            "عدة مرات في السنة",
        ),
        "phone_outreach": (
            "مكالمات ورسائل عن البرامج",
            "مكالمات ورسائل نصية عن برامج قد تناسبك.",
            "«لدينا مجموعة مشي جديدة بالقرب منك»",
            "مرة واحدة في الشهر على الأكثر",
        ),
        "sale_or_sharing": (
            "بيع معلوماتي أو مشاركتها",
            "السماح لشركات الإعلان باستخدام ما تعرفه من زياراتك لموقعنا.",
            "إعلانات عن عياداتنا على مواقع أخرى",
            "أثناء استخدامك لموقعنا",
        ),
        "sensitive_data": (
            "استخدام معلوماتي الحساسة",
            "استخدام المعلومات الصحية لأغراض غير رعايتك وتشغيل خدماتنا.",
            "اختيار الأخبار التي نعرضها لك",
            "طوال احتفاظنا بمعلوماتك",
        ),
    },
}


def drafts_of(slug: str) -> dict[str, dict[str, str]]:
    """A category's texts, by language; none of a category that is not the mission's."""
    return {
        language: dict(zip(FIELDS, said[slug], strict=True))
        for language, said in DRAFTS.items()
        if slug in said
    }
