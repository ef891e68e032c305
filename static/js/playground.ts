// The playground's editor and its talk with the API. The page is complete without it.

import {createEditor} from './playground/editor';

createEditor(document.querySelector('textarea[name=yaml]'));
