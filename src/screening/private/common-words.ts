/** Words that very many people are called: two names that share no more than these are not the same for it. */
import { patternOf } from '../names/sound.ts';

const BORNE_BY_MANY = [
  'mohamed ahmed mahmoud hamid hamed hassan hussein ibrahim ismail yusuf omar osman abd allah khalid said saad salem saleh',
  'mustafa karim rahim rahman rashid jamal kamal nasser nasir musa issa daoud suleiman adam bakr amin din hadi mahdi majid aziz',
  'walid tariq faisal fahd sultan hashim qasim jafar abbas haidar murtaza iqbal akbar asghar anwar mansour habib aisha fatima',
  'khadija mariam zainab amina john james david michael robert william joseph george peter paul thomas charles daniel mark',
  'stephen andrew richard edward henry samuel simon martin francis mary anne elizabeth smith jones brown williams johnson jean',
  'pierre michel jacques louis claude maria jose juan carlos luis antonio manuel francisco fernando pedro jorge miguel rafael',
  'garcia rodriguez martinez hernandez lopez gonzalez perez sanchez ramirez torres silva santos ferreira pereira oliveira costa',
  'alexander sergei vladimir ivan andrei nikolai dmitri mikhail yuri viktor oleg igor anna elena olga ivanov petrov marko milan',
  'dragan zoran singh kumar sharma patel khan shah begum wang zhang chen liu yang huang zhao zhou kim park lee nguyen tran',
  'diallo traore coulibaly keita kone toure camara barry sow mamadou amadou moussa boubacar seydou aboubacar fatoumata diop',
  'fall ndiaye mohammadu musa sani garba bello abubakar usman yakubu emmanuel',
].flatMap((line) => line.split(' '));

const SOUNDS: ReadonlySet<string> = new Set(BORNE_BY_MANY.map(patternOf));

/** Whether a romanised word is borne by so many, or is so short, that it tells little. */
export const isCommon = (pattern: string, consonants: string): boolean =>
  consonants.length < 2 || SOUNDS.has(pattern);
