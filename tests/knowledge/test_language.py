from __future__ import annotations

import pytest

from knowledge.language import LANGUAGES, Detected, detect, direction, script, script_of


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("குளிர்சாதனப் பெட்டியை எப்படி சுத்தம் செய்வது?", "ta"),
        ("fridge-ல தண்ணி leak ஆகுது", "ta"),
        ("Samsung double door refrigerator-ல ice maker work ஆகல", "ta"),
        ("నా ఆర్డర్ ఎప్పుడు వస్తుంది?", "te"),
        ("Wi-Fi เชื่อมต่อไม่ได้", "th"),
        ("Mikor érkezik meg a csomagom?", "hu"),
        ("hűtő", "hu"),
        ("मेरा ऑर्डर कब आएगा?", "hi"),
        ("माझी ऑर्डर कधी येणार आहे?", "mr"),
        ("متى يصل طلبي؟", "ar"),
        ("فریج کام نہیں کر رہا", "ur"),
        ("گارانتی یخچال چند سال است؟", "fa"),
        ("আমার অর্ডার কবে আসবে?", "bn"),
        ("Kapan pesanan saya sampai?", "id"),
        ("Wie lange dauert die Lieferung?", "de"),
        ("How do I return my order?", "en"),
        ("холодильник не працює", "uk"),
        ("配送状況を確認したい", "ja"),
        ("fridge eppadi clean panrathu", "ta-Latn"),
        ("refund eppudu vastundi", "te-Latn"),
        ("mera order kab aayega", "hi-Latn"),
    ],
)
def test_a_question_is_told_by_its_script_and_words(text: str, tag: str) -> None:
    found = detect(text)
    assert found.tag == tag
    assert found.romanised is tag.endswith("-Latn")


@pytest.mark.parametrize("text", ["ok", "E4", "123", "??", "Samsung fridge E4", "EMI"])
def test_what_tells_nothing_leaves_the_talks_language(text: str) -> None:
    assert detect(text, "ta").tag == "ta"
    assert detect(text, "hi-Latn").tag == "hi-Latn"


def test_a_clear_sentence_overrules_the_talks_language() -> None:
    assert detect("Hol van a csomagom?", "en").tag == "hu"


def test_a_quoted_native_word_leaves_an_english_question_english() -> None:
    assert detect("What does வணக்கம் mean in English?").tag == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Mengubah kata sandi akun Anda",
        "Kann ich meine PIN zurücksetzen?",
        "Hány óra van most?",
        "app settings",
        "¿Qué hora es?",
    ],
)
def test_other_latin_sentences_are_not_taken_for_romanised(text: str) -> None:
    assert not detect(text).romanised


def test_a_long_document_is_not_judged_by_its_english_header() -> None:
    header = "Samsung Electronics Double Door Refrigerator User Manual Model RT28\n"
    assert detect(header + "குளிர்சாதனப் பெட்டியை மாதம் ஒரு முறை சுத்தம் செய்யுங்கள். " * 400).tag == "ta"
    assert detect(header + "A hűtőszekrényt havonta egyszer tisztítsa meg langyos vízzel. " * 400).tag == "hu"


def test_script_and_direction() -> None:
    assert script("தமிழ் ok") == "Taml"
    assert script("42") == "Zyyy"
    assert detect("42") == Detected("und", "Zyyy")
    assert [direction(tag) for tag in ("ar", "ur-IN", "he", "ta", "xx")] == ["rtl", "rtl", "rtl", "ltr", "ltr"]
    assert [script_of(tag) for tag in ("ar-EG", "ta", "ta-Latn", "hu", "xx")] == [
        "Arab",
        "Taml",
        "Latn",
        "Latn",
        "Latn",
    ]
    assert all(tag == language.tag for tag, language in LANGUAGES.items())


ROMANISED = {
    "ta-Latn": """
        fridge cooling aagala, enna pannanum
        order innum varala, eppo varum nu sollunga
        washing machine la thanni nikkala
        refund eppo kidaikum bro
        en account la irundhu rendu thadava kaasu pochu
        technician nethu varen nu sonnar, varave illa
        AC la irundhu thanni sottudhu
        bill tholanju pochu, warranty kidaikuma
        address maathanum, epdi maathuradhu
        idhu ku exchange offer irukka
        remote work aagala, pudhusu venum
        delivery boy phone edukka maatenguraar
        motor satham romba adhigama irukku
        enga area ku delivery unda
        cash on delivery irukka illa online la dhaan kattanuma
        naan thappana model order pannitten, cancel panna mudiyuma
        service center Trichy la enga irukku
        mixie jar udanju pochu, thaniya kidaikuma
        freezer la ice romba katti aagudhu
        EMI innum rendu maasam baaki irukku
        password marandhutten, login panna mudiyala
        OTP varave maatengudhu
        installation ku thaniya panam kekaranga, kudukkanuma
        display la E4 nu kaatudhu
        thirupi anupparadhuku courier charge naanga kattanuma
        light eriyudhu aana cooling illa
        unga customer care number kudunga
        evlo neram aagum repair panna
        door seriya mooda maatengudhu
        naalaikku leave, andru technician anuppunga
        innoru naal ku appointment maathi kudunga
        points la evlo balance irukku
    """,
    "te-Latn": """
        fridge cool avvatledu, em cheyali
        naa order inka raledu
        refund eppudu vastundi cheppandi
        washing machine nunchi neellu karutunnayi
        bill poyindi, warranty untunda
        technician ninna vastanannadu, raledu
        address marchali, ela
        remote pani cheyatledu, kotthadi kavali
        delivery charge entha
        maa oorlo service center unda
        exchange offer ippudu unda leda
        motor chala sound chestundi
        naa dabbulu rendu sarlu cut ayyayi
        cash on delivery unda
        tappu model order chesanu, cancel cheyocha
        mixie jar pagilipoyindi, vidiga dorukutunda
        freezer lo ice ekkuva gadda kadutundi
        EMI inka rendu nelalu undi
        password marchipoyanu, login avvadam ledu
        OTP ravatledu
        installation ki vere dabbulu adugutunnaru
        display meeda E4 ani vastundi
        courier charge memu kattala
        light velugutundi kani cool avvadam ledu
        mee customer care number ivvandi
        repair ki entha time padutundi
        door sariga mooyadam ledu
        repu intlo undamu, ellundi pampandi
        filter enni nelalaku okasari marchali
        points entha balance unnayi naaku
        purifier neellu vasana vastunnayi
        telugu lo matlade vallu unnara
    """,
    "hi-Latn": """
        fridge thanda nahi kar raha, kya karu
        mera order abhi tak nahi aaya
        refund kab tak milega
        washing machine se paani tapak raha hai
        bill kho gaya, warranty milegi kya
        technician kal aane wala tha, aaya hi nahi
        address badalna hai, kaise karu
        remote kaam nahi kar raha, naya chahiye
        delivery ka kitna charge lagta hai
        hamare area me service center hai kya
        exchange offer abhi chal raha hai kya
        motor bahut awaaz kar rahi hai
        mere paise do baar kat gaye
        cash on delivery milega kya
        galat model order ho gaya, cancel ho jayega
        mixer ka jar toot gaya, alag se milta hai kya
        freezer me bahut baraf jam rahi hai
        EMI ke do mahine baki hain
        password bhool gaya hu, login nahi ho raha
        OTP nahi aa raha hai
        installation ke alag se paise maang rahe hain
        display par E4 likha aa raha hai
        courier ka kharcha hame dena padega kya
        light jal rahi hai par cooling nahi ho rahi
        apna customer care number dijiye
        repair me kitna time lagega
        darwaza theek se band nahi hota
        kal ghar pe koi nahi hai, parso bhejna
        filter kitne mahine me badalna padta hai
        mere kitne points bache hain
        purifier ke paani se badbu aa rahi hai
        koi hindi me baat karne wala hai kya
    """,
}
"""Questions as people type them on a phone, in the language of the tag and Latin letters."""
PLAIN = {
    "en": """
        my fridge is not cooling
        order not received yet
        where is my refund
        washing machine leaking water from the door
        lost the bill, is the warranty still valid
        the technician never came yesterday
        how do i change my address
        remote not working, need a new one
        what is the delivery charge
        is there a service center in Madurai
        any exchange offer on old fridge
        motor makes a loud noise
        i was charged twice
        do you have cash on delivery
        ordered the wrong model, can i cancel
        mixer jar broke, can i buy it separately
        too much ice in the freezer
        two EMIs are left
        forgot my password
        OTP not coming
        they ask money for installation
        display shows E4
        who pays for the courier
        light is on but no cooling
        give me your customer care number
        how long does the repair take
        door does not close
        nobody at home tomorrow, send him on Monday
        how often should the filter be changed
        how many points do i have
        water smells bad
        can i talk to a person
        no one picks up the phone
        the paint on the door came off
        is it ok to use an extension cord
        hi
        thanks a lot
        pls call me back
        u guys sent me the wrong colour
        part no for the door gasket
        can a pan with metal handle go in the microwave
        Ravi Kumar, Anna Nagar, Chennai
        main switch off, then on, same problem
    """,
    "hu": """
        nem hut a hutom
        meg nem jott meg a rendelesem
        mikor kapom vissza a penzem
        folyik a viz a mosogepbol
        elveszett a szamla, ervenyes a garancia?
        tegnap nem jott ki a szerelo
        hogy tudom modositani a cimet
        nem mukodik a taviranyito
        mennyi a kiszallitas
        van szerviz Gyorben
        be lehet szamitani a regi hutot
        nagyon hangos a motor
        ketszer vontak le a penzt
        lehet utanvettel fizetni
        rossz modellt rendeltem, le tudom mondani
        eltort a mixer pohara
        sok a jeg a fagyasztoban
        meg ket reszlet van hatra
        elfelejtettem a jelszot
        nem jon a kod
        penzt kernek a beuzemelesert
        E4 van a kijelzon
        ki fizeti a futart
        vilagit, de nem hut
        kerem az ugyfelszolgalat szamat
        meddig tart a javitas
        nem zarodik az ajto
        holnap nem leszek otthon
        milyen gyakran kell szurot cserelni
        hany pontom van
        Nem hűt a hűtőm, mit tegyek?
        Még mindig nem érkezett meg a csomag.
        Élő emberrel szeretnék beszélni.
        A szerelő nem adott számlát.
        Hol találom a gyári számot?
        Mennyibe kerül a kiszállás vidékre?
        Le lehet mondani a rendelést?
        kosz a segitseget
        jo napot, egy kerdesem lenne
        senki nem veszi fel a telefont
        mi az a tub clean
        kell hozza stabilizator?
        ha nem jo, visszakuldhetem?
    """,
}
"""Questions of the same kind in languages that are written in Latin letters anyway, also without their accents."""
TOLD = 0.9
"""Share of the romanised questions whose language must be told."""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("tag", ROMANISED)
def test_romanised_questions_are_told_by_how_people_type_them(tag: str) -> None:
    asked = lines(ROMANISED[tag])
    assert len(asked) >= 30
    wrong = {question: found for question in asked if (found := detect(question).tag) != tag}
    assert len(wrong) <= (1 - TOLD) * len(asked), wrong


@pytest.mark.parametrize("tag", PLAIN)
def test_no_plain_question_is_taken_for_romanised(tag: str) -> None:
    asked = lines(PLAIN[tag])
    assert len(asked) >= 40
    assert {question: found.tag for question in asked if (found := detect(question)).romanised} == {}


def test_a_romanised_question_in_capitals_or_without_spaces_after_marks_is_the_same() -> None:
    assert detect("FRIDGE COOLING AAGALA,ENNA PANNANUM").tag == "ta-Latn"
    assert detect("order raledu...eppudu vastundi??").tag == "te-Latn"
    assert detect("Order Nahi Aaya!!Kab Aayega").tag == "hi-Latn"
