"""The words that say "this is a question" and "this is its answer", in labels (`Q:`) and above columns of tables."""

from __future__ import annotations

import regex

# fmt: off
QUESTIONS = frozenset([
    "q", "question", "questions", "faq", "query", "frequently_asked_question", "customer_question", "கே",
    "கேள்வி", "கேள்விகள்", "வினா", "ప్ర", "ప్రశ్న", "ప్రశ్నలు", "प्र", "प्रश्न", "सवाल", "प्रश्न_/_सवाल",
    "คำถาม", "คําถาม", "ถาม", "k", "kérdés", "kérdések", "gyakori_kérdés", "س", "سؤال", "السؤال", "سوال",
    "پرسش", "প্রশ্ন", "ಪ್ರಶ್ನೆ", "ചോദ്യം", "પ્રશ્ન", "ਸਵਾਲ", "ਪ੍ਰਸ਼ਨ", "ପ୍ରଶ୍ନ", "ප්\u200dරශ්නය", "frage",
    "fragen", "pregunta", "pergunta", "domanda", "vraag", "pytanie", "otázka", "întrebare", "soru",
    "câu_hỏi", "hỏi", "pertanyaan", "tanya", "soalan", "swali", "вопрос", "питання", "ερώτηση", "שאלה",
    "问题", "問題", "問", "问", "質問", "질문", "문", "សំណួរ", "ຄຳຖາມ", "မေးခွန်း", "tanong",
])

ANSWERS = frozenset([
    "a", "answer", "answers", "ans", "reply", "response", "ப", "பதில்", "பதில்கள்", "விடை", "జ", "జవాబు",
    "సమాధానం", "उ", "उत्तर", "जवाब", "คำตอบ", "คําตอบ", "ตอบ", "v", "válasz", "válaszok", "ج", "جواب",
    "الجواب", "إجابة", "الإجابة", "اجابة", "پاسخ", "উত্তর", "ಉತ್ತರ", "ഉത്തരം", "જવાબ", "ਜਵਾਬ", "ਉੱਤਰ",
    "ଉତ୍ତର", "පිළිතුර", "antwort", "antworten", "réponse", "respuesta", "resposta", "risposta", "antwoord",
    "odpowiedź", "odpověď", "odpoveď", "răspuns", "cevap", "yanıt", "trả_lời", "câu_trả_lời", "đáp",
    "jawaban", "jawab", "jawapan", "jibu", "ответ", "відповідь", "απάντηση", "תשובה", "答案", "回答", "答", "답변",
    "답", "ចម្លើយ", "ຄຳຕອບ", "အဖြေ", "sagot",
])

TOPICS = frozenset([
    "category", "topic", "section", "subject", "வகை", "தலைப்பு", "பிரிவு", "వర్గం", "అంశం", "विभाग",
    "श्रेणी", "विषय", "หมวด", "หมวดหมู่", "หัวข้อ", "kategória", "témakör", "téma", "فئة", "الفئة", "موضوع",
    "الموضوع", "التصنيف", "kategorie", "thema", "catégorie", "categoría", "tema", "категория",
])
# fmt: on


def labels(words: frozenset[str]) -> str:
    """A pattern for any of the words in front of a colon, with or without a number: `Q:`, `கே 2:`, `Kérdés 3.`."""
    either = "|".join(sorted((regex.escape(word).replace("_", r"\s+") for word in words), key=len, reverse=True))
    return rf"(?i:{either})(?:\s*+(?:\p{{Nd}}{{1,3}}\s*+)?[:：]|[.\s]*+\p{{Nd}}{{1,3}}[.)])\s*"


def named(header: str, words: frozenset[str]) -> bool:
    """Whether a column's header is one of the words; a note in brackets, as in `Question (Tamil)`, is passed over."""
    return "_".join(regex.sub(r"\(.*?\)|[:?*]", " ", header.casefold()).split()) in words
