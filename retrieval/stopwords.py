"""Function words of the languages we serve: left out of text queries, and a profile to tell languages apart.

Short lists on purpose: the words every question is built from, question words included. Written without accents as
well as with them, since people type questions without.
"""

from __future__ import annotations

from functools import cache

_LISTS = {
    "en": """a about after all also am an and any are as at be because been before being both but by can could
    did do does doing for from further had has have having he her here him his how i if in into is it its just
    like made make many may me might more most much must my no nor not of off on once only or other our out over
    own same she should so some such than that the their them then there these they this those through to too
    under until up upon us use used using very was we were what when where which while who whom whose why will
    with would you your s t d ll re ve following explain describe tell give name called known""",
    "es": """a al algo algún alguna ante antes como cómo con cuál cuáles cual cuales cuando cuándo cuánto cuánta
    cuántos cuántas cuanto cuantos de del desde donde dónde dos durante e el él ella ellas ellos en entre era
    eran es esa ese eso esta está estaba están estas este esto estos fue fueron ha había han hasta hay hizo la
    las le les lo los más me mi mientras muy no nos o otra otro para pero por porque pudo puede pueden qué que
    quién quien quiénes se sea según ser si sí sin sobre son su sus también tan tener tenía tiene tienen tipo
    todo todos tras tuvo u un una unas uno unos y ya yo tu te debido""",
    "de": """ab aber alle als also am an auch auf aus bei beim bis bist da damit dann das dass dem den der des
    dessen deren die dies diese dieser dieses doch du durch ein eine einem einen einer eines er es für gegen
    gibt hat hatte hatten haben ihm ihn ihr ihre ihren im in ins ist kann können man mehr mit nach nicht noch
    nur oder ohne sehr sein seine seit sich sie sind so über um und uns unter vom von vor wann war waren warum
    was welche welchem welchen welcher welches wenn wer werden wie wieviel viele viel wir wird wo wofür woher
    wohin worin wurde wurden wurde würde zu zum zur zwischen wodurch wem wen""",
    "fr": """à au aux avec avait ce ceci cela ces cet cette chez ci comme comment combien dans de des du donc
    dont elle elles en entre est et étaient était être eu eux fait font il ils je la là le les leur leurs lors
    lorsque lui ma mais me mes moi mon ne nos notre nous on ont ou où par pas pendant peut peuvent plus pour
    pourquoi qu quand que quel quelle quelles quels qui quoi sa sans se ses si son sont sous sur ta te tes toi
    ton tous tout toute très tu un une vers vos votre vous y a c d j l m n s t été""",
    "it": """a ad al alla alle agli ai allo anche avere aveva che chi ci come con contro cosa cui da dal dalla
    dalle dei del della delle dello degli di dopo dove due e è ed era erano essere fa fra gli ha hanno ho i il
    in io la le lei li lo loro lui ma mi molto ne nei nel nella nelle nello negli noi non o ogni per perché
    perche più piu poi può qual quale quali quando quanti quanto quante questa queste questi questo se sei si
    sia sono stata stato su sua sue sui sul sulla suo suoi tra tu tutti tutto un una uno voi quanta""",
    "pt": """a ao aos à às as até com como da das de dela dele deles depois do dos e é ela elas ele eles em
    entre era eram essa esse esta está este estes eu foi foram há isso isto já lhe mais mas me mesmo meu muito
    na nas não nem no nos nós nossa num numa o onde os ou para pela pelas pelo pelos por porque porquê pode
    podem qual quais quando quantas quantos quanto que quê quem se sem ser será seu seus são só sob sobre sua
    suas também tem têm teve tinha um uma uns você vocês""",
    "nl": """aan als bij dat de deze die dit door een en er had heeft hebben het hij hoe hoeveel ik in is je kan
    kunnen maar met naar niet nog of om onder ook op over te tot tussen uit van veel voor waar waarom wanneer
    waren was wat welk welke werd werden wie wordt worden zich zij zijn zoals""",
    "ar": """في من إلى الى على عن مع هذا هذه ذلك تلك التي الذي الذين ما ماذا متى أين اين كيف كم هل لماذا لم لن
    لا قد كان كانت كانوا يكون تكون هو هي هم هن نحن أنا انت أن ان إن أنه انه أو او و ثم بعد قبل بين حتى كل بعض
    غير عند عندما أي اي أية مما بما منذ خلال حول ضد لدى لها له لهم به بها فيها فيه منها منه عليها عليه تم""",
    "hi": """का के की को में से है हैं था थी थे और या एक यह वह ये वे इस उस इन उन जो कि क्या क्यों कैसे कब कहाँ
    कहां कौन किस किसने किसका किसके किसकी किसको किन कितना कितने कितनी ने पर तक तो भी ही हो होता होती होते हुआ हुई
    हुए गया गई गए कर करता करती करते करने किया किए लिए साथ द्वारा बाद पहले अपने अपनी अपना नहीं न कोई कुछ सा सी
    कौनसा कौनसी रहा रही रहे जाता जाती जाते सकता सकते सकती मे""",
}


@cache
def stopwords(language: str) -> frozenset[str]:
    """The function words of a language given by its code (``en``, ``pt-BR``), case-folded; empty where unknown."""
    return frozenset(_LISTS.get(language.split("-")[0].lower(), "").casefold().split())


def languages() -> tuple[str, ...]:
    """The languages with a list."""
    return tuple(_LISTS)
