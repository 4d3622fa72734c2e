"""Words people who speak Portuguese make passwords of; zxcvbn's own lists are English.

Picked for this list, the likeliest first: what NordPass's yearly reports name for Brazil and
Portugal (2020–2025, as the press printed them), first and last names that lead IBGE's "Nomes no
Brasil" (censuses of 2010 and 2022), clubs of the two first divisions, and months, days, places
and terms of affection beside them. Lower case, no accents, no spaces.
"""

from typing import Final

_WORDS: Final = """
senha minhasenha novasenha senhaforte senhanova senhasegura palavrapasse chave acesso segredo
secreta admin administrador usuario utilizador teste testando mudar mudarsenha trocar alterar
padrao provisoria temporaria temporario inicial entrar entrada sistema portal internet

flamengo mengao corinthians timao palmeiras verdao saopaulo santos vasco vascodagama gremio
internacional cruzeiro atletico galo botafogo fluminense bahia vitoria fortaleza ceara sport
santacruz nautico coritiba athletico paranaense goias cuiaba bragantino chapecoense avai juventude
figueirense criciuma benfica slbenfica sporting porto fcporto portista braga guimaraes boavista
maritimo belenenses academica campeao campeaomundial hexacampeao tricolor colorado futebol torcida

brasil brazil portugal lisboa riodejaneiro rio recife salvador curitiba brasilia manaus belem
natal maceio aracaju coimbra aveiro madeira acores angola nordeste pernambuco paraiba parana

familia minhafamilia amor meuamor amormeu teamo euteamo amoreterno amordaminhavida teamomuito
amizade amigos felicidade feliz alegria saudade saudades esperanca liberdade sucesso vida minhavida
vidanova coracao carinho princesa principe rainha gatinha gatinho gostosa linda lindo bebe bonita
anjo anjinho estrela borboleta flor florzinha girassol cachorro gato gata leao tigre lobo aguia
golfinho chocolate morango brigadeiro beleza sorriso paz luz sol lua mar praia verao inverno
outono primavera casamento namorado namorada marido esposa mamae papai mae pai filho filha filhos
meusfilhos minhafilha meufilho vovo

deus deusefiel deuseamor deusnocomando jesus jesuscristo jesusteama jesusefiel jesusamor senhor
cristo euamojesus gloriaadeus espiritosanto nossasenhora aparecida fatima fe abencoado abencoada

janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
segunda terca quarta quinta sexta sabado domingo segundafeira sextafeira carnaval
bomdia boatarde boanoite obrigado obrigada bemvindo bemvinda

maria jose ana joao antonio francisco pedro carlos lucas luiz paulo gabriel rafael marcos luis
marcelo bruno eduardo felipe filipe raimundo rodrigo daniel fernando fabio leonardo andre gustavo
guilherme matheus mateus thiago tiago vinicius henrique arthur artur miguel diogo goncalo rui
ricardo sergio jorge renato roberto alexandre leandro anderson diego vitor victor hugo caio enzo
davi junior francisca antonia adriana juliana marcia fernanda patricia aline sandra camila amanda
bruna jessica leticia julia luciana vanessa mariana gabriela vera beatriz larissa claudia rita
sonia renata eliane simone cristina carla priscila daniela carolina catarina margarida bianca
isabela isabel rafaela alice helena laura sofia manuela valentina ines teresa joana lorena
joaopedro joaovitor mariaeduarda mariaclara anacarolina anapaula anaclara joaoemaria

silva santos oliveira souza sousa pereira ferreira lima alves rodrigues costa gomes ribeiro
martins carvalho almeida lopes soares fernandes vieira barbosa rocha dias nascimento andrade
moreira nunes marques machado mendes freitas cardoso ramos goncalves santana teixeira

empresa escritorio trabalho financeiro cobranca boleto fatura pagamento cliente telefone
computador celular musica guitarra dinheiro estantevirtual
"""
COMMON: Final[tuple[str, ...]] = tuple(dict.fromkeys(_WORDS.split()))
