import pytest

from assistant.claims import amounts, denials, figures, known, numbers
from assistant.phrases import languages
from knowledge import base
from tests.conftest import GROWN, growth


@pytest.mark.parametrize("tag", languages())
def test_every_language_that_we_speak_is_known(tag):
    assert known(tag)
    assert known(f"{base(tag)}-XX")


def test_a_language_without_a_table_is_not_known():
    assert not known("xx")


@pytest.mark.parametrize(
    ("language", "text", "same"),
    [
        ("ta", "௩௦ நாட்களில் ₹5,000", {"30", "30 day", "5000", "5000 inr"}),
        ("ta", "முப்பது நாட்களுக்குள் ரூ. 5000", {"30", "30 day", "5000", "5000 inr"}),
        ("te", "ఐదు రోజుల్లో 1,00,000 రూపాయలు", {"5", "5 day", "100000", "100000 inr"}),
        ("hi", "सात दिन में ₹249.50", {"7", "7 day", "249.5", "249.5 inr"}),
        ("th", "รับประกันสิบสองปี ค่าบริการ ๕๐๐ บาท", {"12", "12 year", "500", "500 thb"}),
        ("hu", "9 900 Ft, 2026. augusztus 1.", {"9900", "9900 huf", "2026", "1", "2026 month-8", "1 month-8"}),
        ("ar", "خمسون درهمًا خلال ٧ أيام", {"50", "50 aed", "7", "7 day"}),
        ("ta-Latn", "anju naal la Rs.500", {"5", "5 day", "500", "500 inr"}),
        ("hi-Latn", "saat din mein Rs 1,499", {"7", "7 day", "1499", "1499 inr"}),
        ("en", "Error E4 on WM-700: call 10:30", {"e4", "wm700", "10:30"}),
        ("de", "in 2,5 Stunden", {"2.5", "2.5 hour"}),
        ("id", "Rp 25.000 dalam tiga hari", {"25000", "25000 idr", "3", "3 day"}),
        ("bn", "৭ দিন", {"7", "7 day"}),
        ("ta", "2 வாரங்களில், ₹2,400 வாரண்டி", {"2", "2 week", "2400", "2400 inr"}),
        ("te", "2 వారాలు, ₹2,400\nవారంటీ ఉండదు, 1 వారం", {"2", "2 week", "2400", "2400 inr", "1", "1 week"}),
        ("en", "2 and 3 days, 5 oral", {"2", "3", "3 day", "5"}),
        ("hu", "14 napon belül, 3 munkanap", {"14", "14 day", "3"}),
        ("hu", "írjon: ugyfel@nila.example vagy www.nila.example", {"ugyfel@nila.example", "www.nila.example"}),
    ],
)
def test_figures_have_one_spelling_in_all_scripts(language, text, same):
    assert figures(text, language) == same


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("ta", "₹ ௪௯௯, பிறகு ரூ. 1,00,000", [("499", "inr"), ("100000", "inr")]),
        ("hi", "5 हजार रुपये, 2 दिन", [("5 हजार", "inr")]),
        ("te", "₹1.5 లక్షలు", [("1.5 లక్షలు", "inr")]),
        ("th", "๕๐๐ บาท ภายใน 7 วัน", [("500", "thb")]),
        ("hu", "12 000 Ft, 2026. március 1.", [("12000", "huf")]),
        ("en", "call 10:30 about five dollars, E4", []),
    ],
)
def test_amounts_are_read_in_order_and_never_smaller_than_told(language, text, told):
    assert amounts(text, language) == told


def test_an_amount_in_another_unit_is_another_amount():
    assert not figures("30 மாதங்கள்", "ta") <= figures("30 நாட்கள்", "ta")
    assert not figures("$500", "en") <= figures("₹500", "en")
    assert not figures("12 जून", "hi") <= figures("12 मई", "hi")


@pytest.mark.parametrize("text", ["ห้ามเปิดฝา", "เก้าอี้", "หกล้ม", "ร้อยละ"])
def test_thai_words_that_only_look_like_numbers(text):
    assert figures(text, "th") == frozenset()


DENIALS = {
    "ta": [
        "திருப்பித் தர முடியாது",
        "கட்டணம் இல்லை",
        "பணம் திரும்பக் கிடைக்காது",
        "பில் இல்லாமல் வர வேண்டாம்",
        "செய்யவில்லை",
        "பயன்படுத்தாத பொருள்",
        "தரமாட்டோம்",
    ],
    "ta-Latn": [
        "return panna mudiyathu",
        "charge illa",
        "panam kidaikkathu",
        "vara vendam",
        "kedaiyadhu",
        "refund illai",
    ],
    "te": ["డబ్బు తిరిగి రాదు", "ఛార్జీ లేదు", "బిల్లు లేకుండా కుదరదు", "ఇవ్వలేము", "తెరవకూడదు"],
    "te-Latn": ["dabbulu raavu ledu", "bill lekunda kudaradu", "teravakoodadu"],
    "hi": ["वापस नहीं होगा", "बिल के बिना न आएँ", "मत खोलिए"],
    "hi-Latn": ["wapas nahi hoga", "bill ke bina mat aaiye"],
    "th": ["ไม่สามารถคืนสินค้าได้", "ห้ามเปิดฝา", "อย่าถอดปลั๊ก"],
    "hu": ["Nem küldhető vissza.", "Számla nélkül nincs csere.", "Tilos kinyitni."],
    "ar": ["لا يمكن إرجاع المنتج", "بدون رسوم", "ليس مشمولًا", "لم يصل"],
    "bn": ["ফেরত দেওয়া যাবে না", "বিল ছাড়া হবে না", "খরচ নেই"],
    "de": ["Das ist nicht möglich.", "ohne Rechnung", "kein Umtausch"],
    "id": ["Tidak bisa ditukar", "tanpa nota", "jangan dibuka"],
    "en": ["It cannot be returned.", "You can't open it.", "without a bill", "no refund"],
}
AFFIRMATIONS = {
    "ta": [
        "மாத தவணை உண்டு",
        "இப்போது திருப்பித் தரலாம்",
        "மூன்றாவது மாடி வரை தூக்கி வருவார்கள்",
        "மாதம் ஒரு முறை",
        "தண்ணீர் வரும்போது",
        "காது",
    ],
    "ta-Latn": ["return pannalaam", "naalu naal la varum", "appo idhu free"],
    "te": ["ముందు ఐదు రోజుల్లో", "హైదరాబాదులో డెలివరీ", "పదిహేను రోజులు"],
    "te-Latn": ["rendu rojullo vastundi"],
    "hi": ["पैसा सात दिन में आता है", "नया नंबर"],
    "hi-Latn": ["paisa saat din mein aata hai"],
    "th": ["อย่างน้อยสามวัน", "คืนสินค้าได้", "แสดงใบเสร็จ", "มิถุนายน", "ได้หรือไม่"],
    "hu": ["Visszaküldhető.", "A net és a neve", "hirtelen"],
    "ar": ["يمكن إرجاع المنتج", "الضمان سنتان"],
    "bn": ["ঠিকানা", "ফেরত দেওয়া যাবে", "জরিমানা"],
    "de": ["Der Umtausch ist möglich."],
    "id": ["Bisa ditukar"],
    "en": ["It can be returned.", "a notice, a knot, a nope"],
}


@pytest.mark.parametrize(("language", "text"), [(tag, text) for tag, texts in DENIALS.items() for text in texts])
def test_what_denies(language, text):
    assert denials(text, language) > 0


@pytest.mark.parametrize(
    ("language", "denied", "affirmed"),
    [
        ("fr", "Ce n'est pas possible.", "Vous pouvez le renvoyer."),
        ("es", "No se puede devolver sin factura.", "Puede devolverlo."),
        ("pt", "Não é possível sem nota.", "É possível devolver."),
        ("it", "Non si può restituire.", "Si può restituire."),
        ("nl", "Dat kan niet zonder bon.", "U kunt het ruilen."),
        ("tr", "Faturasız iade yapılmaz.", "İade yapılır."),
        ("ru", "Без чека вернуть нельзя.", "Товар можно вернуть."),
        ("vi", "Không đổi trả hàng.", "Được đổi trả."),
        ("mr", "परत करता येणार नाही", "परत करता येईल"),
        ("ur", "واپس نہیں ہوگا", "واپس ہوگا"),
        ("fa", "بدون فاکتور ممکن نیست", "ممکن است"),
        ("kn", "ಹಿಂತಿರುಗಿಸಲು ಸಾಧ್ಯವಿಲ್ಲ", "ಹಿಂತಿರುಗಿಸಬಹುದು"),
        ("ml", "തിരികെ നൽകാൻ കഴിയില്ല", "തിരികെ നൽകാം"),
    ],
)
def test_languages_that_we_only_read(language, denied, affirmed):
    assert denials(denied, language) > 0
    assert denials(affirmed, language) == 0


@pytest.mark.parametrize(("language", "text"), [(tag, text) for tag, texts in AFFIRMATIONS.items() for text in texts])
def test_what_does_not_deny(language, text):
    assert denials(text, language) == 0


def test_every_language_that_we_speak_is_tried():
    assert set(languages()) == set(DENIALS) == set(AFFIRMATIONS)


@pytest.mark.parametrize("work", [figures, numbers, amounts])
@pytest.mark.parametrize("unit", ["₹1 ", "1 ", "a", "a.", "a@", "-", " "])
def test_rows_of_the_same_take_no_longer_than_other_text(work, unit):
    work("௩௦ நாட்கள்", "ta")
    assert growth(lambda text: work(text, "ta"), unit, 10_000) < GROWN
