import { describe, expect, it } from 'vitest';
import { ownerLint } from '../../../src/record/lint.ts';

describe('ownerLint', () => {
  it.each([
    ['en', 'The lawful owner lives two streets away.'],
    ['en', 'Registered owner: see annex'],
    ['en', 'firearms licence holder since 2009'],
    ['en', 'the gun owner was interviewed'],
    ['en', 'ownerName = none'],
    ['en', 'has a concealed-carry permit'],
    ['en', 'owner of the rifle'],
    ['fr', 'Le propriétaire légitime a été entendu.'],
    ['fr', 'titulaire du permis de port d’arme'],
    ['es', 'El propietario legal presentó su licencia de armas.'],
    ['pt', 'O proprietário registado tem licença de uso e porte.'],
    ['it', 'Il proprietario legittimo ha il porto d’armi.'],
    ['de', 'Der rechtmäßige Eigentümer zeigte die Waffenbesitzkarte.'],
    ['ru', 'Законный владелец предъявил разрешение на ношение.'],
    ['ar', 'المالك القانوني لديه رخصة سلاح'],
  ])('finds %s: %s', (language, text) => {
    expect(ownerLint(text).map((finding) => finding.language)).toContain(language);
  });

  it.each([
    'Registered owner of the vessel is a shell company.',
    'The vessel’s registered owner changed twice.',
    'beneficial owner of the company',
    'broker licence revoked by the board',
    'possession of arms suspected',
    'Le navire appartient à un armateur.',
    'El propietario del buque cambió.',
    'O proprietário do navio mudou.',
    'Der Eigentümer des Schiffes',
    'Владелец судна сменился.',
    'مالك السفينة',
    '',
  ])('leaves alone: %s', (text) => {
    expect(ownerLint(text)).toEqual([]);
  });

  it.each([
    "The LAWFUL owner's brother, ownerName=none",
    "titulaire du permis de port d'arme",
    'Beneficial-owner\tof\u0000the company',
  ])('reads ASCII as it reads any other text: %s', (text) => {
    const findings = ownerLint(text);
    expect(ownerLint(`${text} \u00e9`)).toEqual(findings);
  });

  it('stays quick on long texts', () => {
    const started = performance.now();
    ownerLint('registered '.repeat(1800));
    ownerLint('a'.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
