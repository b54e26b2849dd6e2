/**
 * Spellings of one name that no rule of letters brings together, by the region that writes them so. Each line is one class. Regional hubs know
 * theirs best: what they publish is added to these (`equivalence.ts`).
 */

/** West Africa: French, English and Portuguese spellings of names of Arabic, Mande, Fula and Hausa use. */
const WEST_AFRICA = `
mohamed muhammad mohammed mamadou mamadu muhammadu mahamadou mahamadu momodou modou mamoudou mohamadou mahamat mouhamadou muhamadu momoh
ahmed ahmad amadou amadu ahmadou ahmadu hamadou hamadu achmad ahmat hamat ahmet amad
ousmane usman osman othman uthman ousman ousmanou usmanu osumane
diallo jallow jalloh dialo jalo djalo jallo
toure turay touray ture
aliou aliyu aliu alieu alioune aliyou alhassan
ibrahim ibrahima ibrahime brahim ebrahim ebrima ibrahimou braima
issa isa isah eesa aissa
moussa musa moosa mousa
oumar umar omar oumarou umaru omer
idrissa idris idriss edrisa
souleymane suleiman sulaiman soleiman suleyman sulayman souleyman sulemana
youssouf yusuf yousef yousuf yusupha youssef isuf issoufou yussuf yousouf joseph
yacouba yakubu yaqub yakub yaya jacob
boubacar abubakar aboubacar bakary boubakar bubacar abubakr bubakar
cheikh shehu sheku sekou cheick
lamine lamin alamin
diarra jarra jara
kone koneh
camara kamara
sow so
ba bah
barry bari
conteh conte konte
sesay cissay cisse ceesay
keita kaita
traore trawally trawalle
coulibaly kulubali
sissoko sissokho cissoko
njie ndiaye njai ndiay
mbaye mbye mbai
fatoumata fatou fatima fatma fatimah fatmata fatumata
aissatou aisatu isatou aicha aisha aishatu ayesha
mariam mariama maryam mariyam meryem miriam
khadija kadiatou khadidja hadiza kadijatu khadijah
`;

/** Middle East, Central and South Asia: what vowels and article do beyond one letter. */
const ARAB_AND_PERSIAN = `
hussein husayn hossein husain hocine hussain houssein hussien huseyin
hassan hasan hacen hassane
khalil halil khaleel
jamal gamal djamal djamel jamel cemal
jamil gamil djamil cemil
qasim kassem qassem kasim ghassem kacem
saeed said sayeed saied
sayyid sayed seyed syed sayid seyyed
abdallah abdullah abdoulaye abdalla abdulla abdulai
hamid hameed
rashid rachid rasheed rashed
khalid khaled haled
walid waleed oualid
yahya yahia iahia yehia jahja
mustafa mostafa moustapha mustapha moustafa
mahmoud mahmud mehmood mahmood
mehdi mahdi
reza rida ridha redha
zahir dhahir zaher
gaddafi qadhafi kadhafi gadhafi qaddafi kaddafi gathafi khadafy
ayoub ayyub ayub eyup
shafiq chafik shafik
sharif cherif shareef charif
bashir bachir basheer beshir
nasir nasser naser nacer
`;

/** Slavic and other European names as neighbours and passports write them. */
const EUROPE = `
alexander aleksandr alexandr oleksandr aliaksandr alejandro alessandro alexandre aleksander
alexey aleksey aleksei alexei oleksii oleksiy aliaksei
sergey sergei serhii serhiy siarhei sergejs serge sergio
mikhail michail mykhailo mikhael michael mihail miguel michel
nikolai nikolay mykola mikalai nicholas nicolas nikolaj
vladimir volodymyr uladzimir wladimir
dmitry dmitri dmitriy dmytro dzmitry dimitri
andrey andrei andriy andrii andrew andrej
yevgeny evgeny evgeniy yevgeniy evgenii yevhen eugene
yuri yury yuriy iurii yurii jurij
igor ihor
grigory grigori hryhoriy grigoriy gregory
pavel paul pavlo pablo paulo
pyotr petr petro peter pedro pierre
ivan john jean juan joao johann yann
georgy georgi heorhii george jorge georges
yelena elena olena helena
ekaterina yekaterina kateryna catherine katherine
friedrich frederick frederic fredrik fridrich frederik
william wilhelm bill guillermo guillaume
robert bob bobby
richard dick
james jim jimmy
thomas tom tommy
joseph joe jose
anthony tony antonio anton antoine
elizabeth liz elizaveta yelizaveta liza
theodore ted teodoro fyodor
charles carlos karl
`;

/** Korean, Chinese and Vietnamese family names in the romanisations that passports and lists use. */
const EAST_ASIA = `
kim gim
ri li lee yi rhee
pak park bak
choe choi choy
jong jung chung jeong chong
kang gang
cho jo
yun yoon
ryu yu yoo
im lim rim
no roh noh
chang jang
han hahn
xi hsi
zhang cheung
chen chan tan
huang wong hwang
wu ng
lin lam
zhao chao chiu
zhou chou chow chau
liu lau
xu hsu
cai tsai tsoi
an ahn
shin sin
seo suh
kwon gwon
moon mun
heo hur huh
baek paik
shim sim
byun byeon
yip ip
tsui chui
`;

/** Words of companies and bodies. */
const BODIES = `
international intl
import importacion importation
export exportacion exportation
trading comercial commerciale commercial
brothers bros hermanos freres
sons hijos fils
industries industrias industrial industriale
company compania compagnie
`;

/** A source for each line, as a class says where it comes from. */
export const SHIPPED_CLASSES: readonly { readonly words: readonly string[]; readonly source: string }[] = [
  ['tocsin: West Africa', WEST_AFRICA],
  ['tocsin: Arab, Persian and South Asian', ARAB_AND_PERSIAN],
  ['tocsin: Europe', EUROPE],
  ['tocsin: East Asia', EAST_ASIA],
  ['tocsin: bodies', BODIES],
].flatMap(([source = '', text = '']) =>
  text
    .trim()
    .split('\n')
    .map((line) => ({ words: line.split(' '), source })),
);
