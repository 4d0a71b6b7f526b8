import { post } from './api.mjs';
import { button, dialog, el } from './dom.mjs';
import { field, form } from './form.mjs';

/** Asks who is logged in for the password again; resolves to whether it was right. `secondFactor`: its code as well. */
export async function askForProof(secondFactor) {
  let proven = false;
  await dialog('Confirm that it is you', (close) => {
    const current = field({
      name: 'current',
      label: 'Password',
      type: 'password',
      attrs: { autocomplete: 'current-password', autofocus: true },
    });
    const code = field({
      name: 'code',
      label: 'Code of the second factor',
      help: 'From your app, or one of your recovery codes.',
      attrs: { autocomplete: 'one-time-code', autocapitalize: 'none' },
    });
    code.row.hidden = !secondFactor;
    const submit = async (values) => {
      const typed = values.code.trim();
      try {
        await post(['auth', 'proof'], { current: values.current, ...(typed === '' ? {} : { code: typed }) });
      } catch (problem) {
        if (problem.code !== 'SECOND_FACTOR_NEEDED' || !code.row.hidden) throw problem;
        code.row.hidden = false;
        code.input.focus();
        return;
      }
      proven = true;
      close();
    };
    return [
      el('p', {}, 'You entered your password more than ten minutes ago. Changes of access need it again.'),
      form({ fields: [current, code], label: 'Confirm', submit, secondary: button('Cancel', close) }),
    ];
  });
  return proven;
}
